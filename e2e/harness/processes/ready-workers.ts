import { endAll } from "./worker-crowd.ts"
import { type Runtime, startWorker, type Worker } from "./worker-process.ts"

/** A pool of workers that are started in advance, for tests that need many. */
export class ReadyWorkers {
  readonly #started: Promise<Worker>[] = []
  readonly #used: Worker[] = []
  readonly #runtimes: readonly Runtime[]
  #count = 0
  #ended = false

  /**
   * @param runtimes the programs that run the workers, used in rotation
   * @param ahead the number of workers that are kept ready
   */
  constructor(runtimes: readonly Runtime[], ahead: number) {
    this.#runtimes = runtimes
    for (let index = 0; index < ahead; index++) this.#startOne()
  }

  /** Takes a worker that is used only once, and starts another in its place. */
  async take(): Promise<Worker> {
    if (this.#ended) throw new Error("There are no more workers.")
    const next = this.#started.shift()
    this.#startOne()
    if (next === undefined) return this.take()
    const worker = await next
    this.#used.push(worker)
    return worker
  }

  /** Kills all workers, including those that were not taken. */
  async end(): Promise<void> {
    this.#ended = true
    const started = await Promise.allSettled(this.#started.splice(0))
    const unused = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
    await endAll([...unused, ...this.#used])
  }

  #startOne(): void {
    const started = startWorker(this.#runtimes[this.#count++ % this.#runtimes.length] ?? "node")
    // `take` reports the failure.
    started.catch(() => {})
    this.#started.push(started)
  }
}
