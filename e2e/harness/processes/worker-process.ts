import { existsSync } from "node:fs"
import { join } from "node:path"
import type { LockTimes } from "qwen-auth-core/internal"
import * as v from "valibot"
import { REPOSITORY } from "../shared/repository.ts"
import { startLineProcess } from "./line-process.ts"

const WORKERS = join(REPOSITORY, "e2e", "workers")
const PROGRAM = join(WORKERS, "renewal-worker.mjs")
const BUN = join(REPOSITORY, "node_modules", "bun", "bin", "bun.exe")
// Without it, Bun would follow the repository's tsconfig to the sources. The tests need the built files.
const BUN_ARGUMENTS = [`--tsconfig-override=${join(WORKERS, "tsconfig.bun.json")}`]

const Responses = v.object({ statuses: v.array(v.number()), errors: v.array(v.string()) })
const HoldResult = v.picklist(["alone", "not alone", "lost"])

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
  hold(lock: HeldLock): Promise<v.InferOutput<typeof HoldResult>>
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
  const { child, ended, call } = await startLineProcess(program, [...args, PROGRAM])
  return {
    runtime,
    ask: async (signIn, requests) => v.parse(Responses, await call({ do: "ask", ...signIn, requests })),
    async refresh(signIn) {
      await call({ do: "refresh", ...signIn })
    },
    hold: async (lock) => v.parse(HoldResult, await call({ do: "hold", ...lock })),
    async keep(folders, times) {
      await call({ do: "keep", folders, times })
    },
    stop: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    kill() {
      child.kill("SIGKILL")
      return ended
    },
  }
}
