import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest"
import {
  type CrashOutcomes,
  type CrashScene,
  classifyCrashes,
  crash,
  type KillTime,
  timeRenewal,
} from "../harness/processes/crash-trial.ts"
import { ReadyWorkers } from "../harness/processes/ready-workers.ts"
import { seededRandom } from "../harness/processes/seeded-random.ts"
import { trials } from "../harness/processes/trials.ts"
import { endAll } from "../harness/processes/worker-crowd.ts"
import { bunMissing, type Runtime, startWorker, type Worker } from "../harness/processes/worker-process.ts"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"
import { signInTo } from "../harness/shared/stored-sign-in.ts"

const TRIALS = trials(24, 160)
/** Trials at the same time, each with a sign-in of its own: a trial is mostly waiting. */
const LANES = 4
const MEASURED = trials(4, 12)
const RUNTIMES: readonly Runtime[] = bunMissing === undefined ? ["node", "node", "node", "bun"] : ["node"]
const SEED = Number(process.env["RENEWAL_CRASH_SEED"] ?? Date.now() % 2 ** 32)

let root: string
let simulator: SimulatorProcess
let victims: ReadyWorkers
let survivors: Worker[] = []
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "qwen-renewal-crash-"))
  simulator = await startSimulator()
  victims = new ReadyWorkers(RUNTIMES, LANES)
  survivors = await Promise.all(Array.from({ length: LANES }, () => startWorker("node")))
})
afterAll(async () => {
  await endAll(survivors)
  await victims?.end()
  simulator?.stop()
  await rm(root, { recursive: true, force: true })
})

// It takes SIGKILL, which Windows does not have.
describe.skipIf(process.platform === "win32")(
  `a process killed at a random moment of a renewal, ${TRIALS} times`,
  () => {
    it.each([0, 50])("loses nothing but in the documented window; answers take %i ms", async (delayMs) => {
      onTestFailed(() => void process.stdout.write(`To repeat: RENEWAL_CRASH_SEED=${SEED}\n`))
      await simulator.control("reset")
      await simulator.control("scenario", {
        deviceCode: { autoApprove: true },
        answers: { refresh: { standing: { pass: true, delayMs } } },
      })
      const scenes = await Promise.all(survivors.map((_, lane) => newScene(`${delayMs}-${lane}`)))
      const random = seededRandom(SEED)
      const spanMs = await renewalSpan(scenes)
      // At both ends for sure, in between at random.
      const times: KillTime[] = ["before", "after", ...Array.from({ length: TRIALS - 2 }, () => random() * spanMs)]
      const crashes = await inLanes(TRIALS, async (lane, trial) =>
        crash(at(scenes, lane), await victims.take(), at(survivors, lane), at(times, trial)),
      )

      const { wrong, ...places } = await classifyCrashes(simulator, crashes)
      expect(wrong).toEqual([])
      expect([places.beforeRotation > 0, places.afterWrite > 0]).toEqual([true, true])
      for (const { folder, file } of scenes) {
        expect((await readdir(folder)).sort()).toEqual(["oauth_token.json", "oauth_token.json.lock"])
        expect((await readdir(`${file}.lock`)).length).toBeLessThanOrEqual(2)
      }
      tell(delayMs, spanMs, places)
    })
  },
)

async function newScene(name: string) {
  const folder = join(root, name)
  await mkdir(folder)
  const file = join(folder, "oauth_token.json")
  await signInTo(simulator, file)
  return { simulator, folder, file }
}

/** How long a renewal usually takes, ms: beyond it most kills would come too late. */
async function renewalSpan(scenes: readonly CrashScene[]): Promise<number> {
  const times = await inLanes(MEASURED, async (lane) => timeRenewal(at(scenes, lane), await victims.take()))
  times.sort((a, b) => a - b)
  return at(times, MEASURED / 2)
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index]
  if (value === undefined) throw new Error(`There is nothing at ${index}.`)
  return value
}

/** Runs `task` so many times in all, in {@link LANES} lanes at once. */
async function inLanes<T>(times: number, task: (lane: number, lock: number) => Promise<T>): Promise<T[]> {
  const turns = Array.from({ length: times }).keys()
  const results: T[] = []
  const run = async (_: unknown, lane: number) => {
    for (const lock of turns) results.push(await task(lane, lock))
  }
  await Promise.all(Array.from({ length: LANES }, run))
  return results
}

/** On the screen although the test is good: the share is a figure to watch, not a limit. */
function tell(delayMs: number, spanMs: number, places: Omit<CrashOutcomes, "wrong">) {
  const { beforeRotation, between, afterWrite } = places
  const share = `${((100 * between) / TRIALS).toFixed(1)} %`
  process.stdout.write(
    `Killed ${TRIALS} times within ${spanMs.toFixed(0)} ms, answers taking ${delayMs} ms: ${beforeRotation} before the server's ` +
      `rotation, ${between} between it and our write (${share}), ${afterWrite} after.\n`,
  )
}
