import { setTimeout as sleep } from "node:timers/promises"
import type { LockTimes } from "qwen-auth-core/internal"
import type { Simulator } from "../shared/simulator-process.ts"
import { expireOnDisk, readSignIn, signInTo } from "../shared/stored-sign-in.ts"
import { type LoggedRefresh, refreshLog } from "./refresh-log.ts"
import type { Worker } from "./worker-process.ts"

/** A holder that was killed is taken over after 100 ms; one that is alive is never, on a loaded machine neither. */
const LOCK_TIMES: LockTimes = { heartbeatMs: 100, abandonedMs: 100, staleMs: 1_500, waitMs: 30_000 }

/** What one kill left behind. */
export interface CrashTrial {
  /** What ran the killed process, and when it was killed. */
  readonly killed: string
  /** The refresh tokens in the file before the renewal and after the kill. */
  readonly before: string
  readonly after: string
  /** What the next process got for its request, after it had to renew. */
  readonly next: number[]
}

/** Where a trial takes place: an own sign-in in an own file. */
export interface CrashScene {
  readonly simulator: Simulator
  readonly file: string
}

/** How long a fresh process takes for a renewal, ms. */
export async function timeRenewal({ simulator, file }: CrashScene, worker: Worker): Promise<number> {
  await expireOnDisk(file)
  const started = performance.now()
  await worker.renew({ origin: simulator.origin, file, lockTimes: LOCK_TIMES })
  return performance.now() - started
}

/** When a process is killed: so many ms after it was told to renew, or surely before it begins, or after it has done. */
export type KillTime = number | "before" | "after"

/**
 * Kills a process in the middle of a renewal, then has another one renew; signs in again when that could not.
 * @throws when the file is not a complete sign-in after the kill
 */
export async function crash(scene: CrashScene, victim: Worker, next: Worker, when: KillTime): Promise<CrashTrial> {
  const { simulator, file } = scene
  const signIn = { origin: simulator.origin, file, lockTimes: LOCK_TIMES }
  const { refresh_token: before } = await expireOnDisk(file)
  if (when === "before") victim.stop()
  // How it ends does not matter: most of the time it does not.
  const renewing = victim.renew(signIn).catch(() => {})
  if (when === "after") await renewing
  if (typeof when === "number") await sleep(when)
  await victim.kill()
  await renewing

  const { refresh_token: after } = await readSignIn(file)
  await expireOnDisk(file)
  const { statuses } = await next.ask(signIn, 1)
  if (statuses[0] !== 200) await signInTo(simulator, file)
  const killed = typeof when === "number" ? `after ${when.toFixed(1)} ms` : `${when} the renewal`
  return { killed: `${victim.runtime} ${killed}`, before, after, next: statuses }
}

/**
 * Where kills landed. `between` is the documented window: the server has rotated the refresh token, and the new one was only
 * in the memory of the killed process. `wrong` is everything that must not be.
 */
export interface CrashOutcomes {
  readonly beforeRotation: number
  readonly between: number
  readonly afterWrite: number
  readonly wrong: CrashTrial[]
}

type Place = "before rotation" | "between" | "after write" | "wrong"

/** Sorts trials by what the simulator's log says of their refresh tokens. */
export async function judgeCrashes(simulator: Simulator, trials: readonly CrashTrial[]): Promise<CrashOutcomes> {
  const log = await refreshLog(simulator)
  const places = trials.map((trial) => ({ trial, place: placeOf(trial, log) }))
  const count = (wanted: Place) => places.filter(({ place }) => place === wanted).length
  return {
    beforeRotation: count("before rotation"),
    between: count("between"),
    afterWrite: count("after write"),
    wrong: places.filter(({ place }) => place === "wrong").map(({ trial }) => trial),
  }
}

function placeOf({ before, after, next }: CrashTrial, log: readonly LoggedRefresh[]): Place {
  const uses = log.filter(({ refreshToken }) => refreshToken === before)
  // Unanswered: the process was killed while the answer was on its way, and the token is used up.
  const answers = uses.map(({ status }) => status ?? 200).join()
  const worked = next.join() === "200"
  if (after !== before) return worked && answers === "200" ? "after write" : "wrong"
  if (worked) return answers === "200" ? "before rotation" : "wrong"
  return answers === "200,400" ? "between" : "wrong"
}
