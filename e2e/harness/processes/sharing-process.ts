import { join } from "node:path"
import * as v from "valibot"
import { REPOSITORY } from "../shared/repository.ts"
import { startLineProcess } from "./line-process.ts"

const Used = v.object({ accessToken: v.string(), refreshed: v.boolean() })

/** A process that shares a sign-in with others. */
export interface SharingProcess {
  /**
   * Gets a valid token and refreshes it if needed.
   * @throws Error with the process's error message
   */
  use(): Promise<v.InferOutput<typeof Used>>
  /** Ends the process normally. */
  exit(): Promise<void>
}

/** A shared sign-in: the simulator's origin and the folder of the file. */
export interface SharedSignIn {
  readonly origin: string
  readonly folder: string
}

/** Starts a process that follows Qwen Code's protocol. `staleMs`: 10 000 in 0.12, 35 000 in 0.24. */
export function startQwenCode(shared: SharedSignIn, staleMs: 10_000 | 35_000): Promise<SharingProcess> {
  return start("qwen-code-process.mjs", { ...shared, staleMs })
}

/** Starts a process that uses our library. */
export function startSharer(shared: SharedSignIn): Promise<SharingProcess> {
  return start("qwen-code-sharer.mjs", shared)
}

async function start(program: string, argument: object): Promise<SharingProcess> {
  const args = [join(REPOSITORY, "e2e", "workers", program), JSON.stringify(argument)]
  const { child, ended, call } = await startLineProcess(process.execPath, args)
  return {
    use: async () => v.parse(Used, await call({})),
    exit() {
      child.stdin.end()
      return ended
    },
  }
}
