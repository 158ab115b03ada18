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
// Without it, Bun would follow the repository's tsconfig to the sources. The tests need the built files.
const BUN_ARGUMENTS = [`--tsconfig-override=${join(WORKERS, "tsconfig.bun.json")}`]

/** Longer than the longest wait for a lock and a refresh. */
const ANSWER_TIMEOUT_MS = 90_000

const Line = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ id: v.number(), result: v.optional(v.unknown()), error: v.optional(v.string()) }),
)
const Responses = v.object({ statuses: v.array(v.number()), errors: v.array(v.string()) })
const Held = v.picklist(["alone", "not alone", "lost"])

/** The program that runs a worker. */
export type Runtime = "node" | "bun"

/** Why no worker can run in Bun here; `undefined` if one can. */
export const bunMissing = existsSync(BUN) ? undefined : "Bun is not installed"

/** The sign-in that a worker uses. */
interface WorkerSignIn {
  readonly origin: string
  readonly file: string
  readonly lockTimes?: LockTimes
}

/** A process that uses the built library, see e2e/workers/renewal-worker.mjs. */
export interface Worker {
  readonly runtime: Runtime
  /** Sends chat requests at once with a new manager. */
  ask(signIn: WorkerSignIn, requests: number): Promise<v.InferOutput<typeof Responses>>
  /** Gets a credential with a new manager, which refreshes it if needed. */
  refresh(signIn: WorkerSignIn): Promise<void>
  /** Acquires a lock, holds it, releases it, and reports whether it was the only holder. */
  hold(lock: HeldLock): Promise<v.InferOutput<typeof Held>>
  /** Acquires locks that it never releases. */
  keep(folders: readonly string[], times: LockTimes): Promise<void>
  /** Suspends the process until {@link resume}. Not on Windows. */
  stop(): void
  resume(): void
  /** Kills the process with SIGKILL and waits until it has ended. */
  kill(): Promise<void>
}

/** A lock to hold. `witness`: a file that only a single holder can create. */
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
  // Writing to a process that was just killed fails. Pending answers fail when the process ends.
  child.stdin.on("error", () => {})
  createInterface({ input: child.stdout }).on("line", (line) => answers.take(v.parse(Line, line)))
  const send = (command: object) => {
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
    ask: async (signIn, requests) => v.parse(Responses, await send({ do: "ask", ...signIn, requests })),
    async refresh(signIn) {
      await send({ do: "refresh", ...signIn })
    },
    hold: async (lock) => v.parse(Held, await send({ do: "hold", ...lock })),
    async keep(folders, times) {
      await send({ do: "keep", folders, times })
    },
    stop: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    kill() {
      child.kill("SIGKILL")
      return ended
    },
  }
}

/** The pending answers of one worker. The first, number 0, means that the worker is ready. */
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

  /** Rejects all pending and future answers. */
  fail(error: Error): void {
    this.#failure = error
    for (const { reject } of this.#waiting.values()) reject(error)
  }
}
