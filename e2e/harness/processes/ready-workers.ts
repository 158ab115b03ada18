import { endAll } from "./worker-crowd.ts"
import { type Runtime, startWorker, type Worker } from "./worker-process.ts"

/** Fresh workers that were started ahead of their use, for tests that use up many. */
export class ReadyWorkers {
  readonly #started: Promise<Worker>[] = []
  readonly #used: Worker[] = []
  readonly #runtimes: readonly Runtime[]
  #count = 0
  #ended = false

  /**
   * @param runtimes what runs them, in turn
   * @param ahead how many are kept ready
   */
  constructor(runtimes: readonly Runtime[], ahead: number) {
    this.#runtimes = runtimes
    for (let index = 0; index < ahead; index++) this.#startOne()
  }

  /** A worker that nobody else has; another is started in its place. */
  async take(): Promise<Worker> {
    if (this.#ended) throw new Error("There are no more workers.")
    const next = this.#started.shift()
    this.#startOne()
    if (next === undefined) return this.take()
    const worker = await next
    this.#used.push(worker)
    return worker
  }

  /** Ends all workers, taken or not. */
  async end(): Promise<void> {
    this.#ended = true
    const started = await Promise.allSettled(this.#started.splice(0))
    const unused = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
    await endAll([...unused, ...this.#used])
  }

  #startOne(): void {
    const started = startWorker(this.#runtimes[this.#count++ % this.#runtimes.length] ?? "node")
    // Whoever takes it hears of the failure.
    started.catch(() => {})
    this.#started.push(started)
  }
}
