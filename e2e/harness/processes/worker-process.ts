import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { LockTimes } from "qwen-auth-core/internal"
import * as v from "valibot"
import { REPOSITORY } from "../shared/repository.ts"

const WORKERS = join(REPOSITORY, "e2e", "workers")
const PROGRAM = join(WORKERS, "renewal-worker.mjs")
const BUN = join(REPOSITORY, "node_modules", "bun", "bin", "bun.exe")
// Without it Bun would follow the repository's tsconfig to our sources; what is tested is what is shipped.
const BUN_ARGUMENTS = [`--tsconfig-override=${join(WORKERS, "tsconfig.bun.json")}`]

/** Longer than the longest wait for a lock and a refresh. */
const ANSWER_TIMEOUT_MS = 90_000

const Line = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ id: v.number(), result: v.optional(v.unknown()), error: v.optional(v.string()) }),
)
const Asked = v.object({ statuses: v.array(v.number()), words: v.array(v.string()) })
const Held = v.picklist(["alone", "not alone", "lost"])

/** The program that runs a worker. */
export type Runtime = "node" | "bun"

/** Why there are no workers in Bun here, if so. */
export const bunMissing = existsSync(BUN) ? undefined : "Bun is not installed"

/** Which sign-in a worker uses. */
interface WorkerSignIn {
  readonly origin: string
  readonly file: string
  readonly lockTimes?: LockTimes
}

/** A real process that uses the built library; see e2e/workers/renewal-worker.mjs for what it does. */
export interface Worker {
  readonly runtime: Runtime
  /** Sends chat requests at once, with nothing in memory. */
  ask(signIn: WorkerSignIn, requests: number): Promise<v.InferOutput<typeof Asked>>
  /** Renews if needed, with nothing in memory. */
  renew(signIn: WorkerSignIn): Promise<void>
  /** Takes a lock, holds it, lets go, and says whether it was alone. */
  hold(lock: HeldLock): Promise<v.InferOutput<typeof Held>>
  /** Takes locks that it never lets go of. */
  keep(folders: readonly string[], times: LockTimes): Promise<void>
  /** Stops it where it stands; it does nothing until {@link resume}. Not on Windows. */
  stop(): void
  resume(): void
  /** Ends it with SIGKILL, wherever it stands, and waits until the system knows that it is gone. */
  kill(): Promise<void>
}

/** A lock to hold. `witness`: a file that only a lone holder can make. */
interface HeldLock {
  readonly folder: string
  readonly times: LockTimes
  readonly holdMs: number
  readonly witness: string
}

/** Starts a worker and waits until it is ready. */
export async function startWorker(runtime: Runtime): Promise<Worker> {
  const [program, args] = runtime === "bun" ? [BUN, BUN_ARGUMENTS] : [process.execPath, []]
  const child = spawn(program, [...args, PROGRAM], { stdio: ["pipe", "pipe", "inherit"] })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const answers = new PendingAnswers()
  child.once("error", (error) => answers.fail(error))
  void ended.then(() => answers.fail(new Error("The worker ended.")))
  // A write to a process that was just killed; whoever waits for its answer hears that it ended.
  child.stdin.on("error", () => {})
  createInterface({ input: child.stdout }).on("line", (line) => answers.take(v.parse(Line, line)))
  const tell = (command: object) => {
    const [id, answer] = answers.expect()
    child.stdin.write(`${JSON.stringify({ ...command, id })}\n`)
    return answer
  }
  const [, ready] = answers.expect()
  try {
    await ready
  } catch (error) {
    child.kill("SIGKILL")
    throw error
  }
  return {
    runtime,
    ask: async (signIn, requests) => v.parse(Asked, await tell({ do: "ask", ...signIn, requests })),
    async renew(signIn) {
      await tell({ do: "renew", ...signIn })
    },
    hold: async (lock) => v.parse(Held, await tell({ do: "hold", ...lock })),
    async keep(folders, times) {
      await tell({ do: "keep", folders, times })
    },
    stop: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    kill() {
      child.kill("SIGKILL")
      return ended
    },
  }
}

/** The answers still to come of one worker. The first, number 0, says that it is ready. */
class PendingAnswers {
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  #next = 0
  #failure: Error | undefined

  expect(): [id: number, answer: Promise<unknown>] {
    const id = this.#next++
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      const timer = setTimeout(() => reject(new Error("The worker did not answer in time.")), ANSWER_TIMEOUT_MS)
      const settle = <T>(then: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer)
          this.#waiting.delete(id)
          then(value)
        }
      }
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) })
    })
    return [id, answer]
  }

  take({ id, result, error }: v.InferOutput<typeof Line>): void {
    const waiting = this.#waiting.get(id)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(error))
  }

  /** No answer comes any more. */
  fail(error: Error): void {
    this.#failure = error
    for (const { reject } of this.#waiting.values()) reject(error)
  }
}
