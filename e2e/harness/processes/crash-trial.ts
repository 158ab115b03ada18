import { setTimeout as sleep } from "node:timers/promises"
import type { LockTimes } from "qwen-auth-core/internal"
import type { Simulator } from "../shared/simulator-process.ts"
import { expireOnDisk, readSignIn, signInTo } from "../shared/stored-sign-in.ts"
import { type LoggedRefresh, refreshLog } from "./refresh-log.ts"
import type { Worker } from "./worker-process.ts"

/** The lock of a killed holder is taken over after 100 ms. The lock of a live one is not, even on a busy machine. */
const LOCK_TIMES: LockTimes = { heartbeatMs: 100, abandonedMs: 100, staleMs: 1_500, waitMs: 30_000 }

/** The state after one kill. */
export interface CrashTrial {
  /** The runtime of the killed process, and when it was killed. */
  readonly killed: string
  /** The refresh tokens in the file before the refresh and after the kill. */
  readonly before: string
  readonly after: string
  /** The statuses of the next process's request, which needs a refresh. */
  readonly next: number[]
}

/** The sign-in of one trial, in its own file. */
export interface CrashScene {
  readonly simulator: Simulator
  readonly file: string
}

/** Measures the time that a new process takes for a refresh, ms. */
export async function timeRefresh({ simulator, file }: CrashScene, worker: Worker): Promise<number> {
  await expireOnDisk(file)
  const started = performance.now()
  await worker.refresh({ origin: simulator.origin, file, lockTimes: LOCK_TIMES })
  return performance.now() - started
}

/** When a process is killed: this many ms after the command to refresh, before the refresh starts, or after it has finished. */
export type KillTime = number | "before" | "after"

/**
 * Kills a process during a refresh, then lets another one refresh. Signs in again when that fails.
 * @throws when the file is not a complete sign-in after the kill
 */
export async function crash(scene: CrashScene, victim: Worker, next: Worker, when: KillTime): Promise<CrashTrial> {
  const { simulator, file } = scene
  const signIn = { origin: simulator.origin, file, lockTimes: LOCK_TIMES }
  const { refresh_token: before } = await expireOnDisk(file)
  if (when === "before") victim.stop()
  // The result does not matter: most commands fail because the process is killed.
  const refreshing = victim.refresh(signIn).catch(() => {})
  if (when === "after") await refreshing
  if (typeof when === "number") await sleep(when)
  await victim.kill()
  await refreshing

  const { refresh_token: after } = await readSignIn(file)
  await expireOnDisk(file)
  const { statuses } = await next.ask(signIn, 1)
  if (statuses[0] !== 200) await signInTo(simulator, file)
  const killed = typeof when === "number" ? `after ${when.toFixed(1)} ms` : `${when} the refresh`
  return { killed: `${victim.runtime} ${killed}`, before, after, next: statuses }
}

/**
 * The number of kills at each point of the refresh. `between` is the documented window: the server has rotated the refresh token, and only
 * the killed process had the new one in memory. `wrong` are the trials with a result that must not occur.
 */
export interface CrashOutcomes {
  readonly beforeRotation: number
  readonly between: number
  readonly afterWrite: number
  readonly wrong: CrashTrial[]
}

type Outcome = "before rotation" | "between" | "after write" | "wrong"

/** Classifies trials by the use of their refresh tokens in the simulator's log. */
export async function classifyCrashes(simulator: Simulator, trials: readonly CrashTrial[]): Promise<CrashOutcomes> {
  const log = await refreshLog(simulator)
  const classified = trials.map((trial) => ({ trial, outcome: outcomeOf(trial, log) }))
  const count = (expected: Outcome) => classified.filter(({ outcome }) => outcome === expected).length
  return {
    beforeRotation: count("before rotation"),
    between: count("between"),
    afterWrite: count("after write"),
    wrong: classified.filter(({ outcome }) => outcome === "wrong").map(({ trial }) => trial),
  }
}

function outcomeOf({ before, after, next }: CrashTrial, log: readonly LoggedRefresh[]): Outcome {
  const uses = log.filter(({ refreshToken }) => refreshToken === before)
  // Without a status, the process was killed before the response arrived, and the token is used up.
  const answers = uses.map(({ status }) => status ?? 200).join()
  const worked = next.join() === "200"
  if (after !== before) return worked && answers === "200" ? "after write" : "wrong"
  if (worked) return answers === "200" ? "before rotation" : "wrong"
  return answers === "200,400" ? "between" : "wrong"
}
