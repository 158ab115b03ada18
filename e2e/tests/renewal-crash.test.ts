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
  timeRefresh,
} from "../harness/processes/crash-trial.ts"
import { ReadyWorkers } from "../harness/processes/ready-workers.ts"
import { seededRandom } from "../harness/processes/seeded-random.ts"
import { trials } from "../harness/processes/trials.ts"
import { endAll } from "../harness/processes/worker-crowd.ts"
import { bunMissing, type Runtime, startWorker, type Worker } from "../harness/processes/worker-process.ts"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"
import { signInTo } from "../harness/shared/stored-sign-in.ts"

const TRIALS = trials(24, 160)
/** The number of trials at the same time, each with its own sign-in. A trial mostly waits. */
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

// The test needs SIGKILL, which Windows does not have.
describe.skipIf(process.platform === "win32")(
  `a process that is killed at a random moment of a refresh, ${TRIALS} times`,
  () => {
    it.each([0, 50])("loses a token only in the documented window, with answers after %i ms", async (delayMs) => {
      onTestFailed(() => void process.stdout.write(`To repeat: RENEWAL_CRASH_SEED=${SEED}\n`))
      await simulator.control("reset")
      await simulator.control("scenario", {
        deviceCode: { autoApprove: true },
        answers: { refresh: { standing: { pass: true, delayMs } } },
      })
      const scenes = await Promise.all(survivors.map((_, lane) => newScene(`${delayMs}-${lane}`)))
      const random = seededRandom(SEED)
      const spanMs = await refreshSpan(scenes)
      // One kill is before the refresh, one after it, and the others are at random times.
      const times: KillTime[] = ["before", "after", ...Array.from({ length: TRIALS - 2 }, () => random() * spanMs)]
      const crashes = await inLanes(TRIALS, async (lane, trial) =>
        crash(at(scenes, lane), await victims.take(), at(survivors, lane), at(times, trial)),
      )

      const { wrong, ...outcomes } = await classifyCrashes(simulator, crashes)
      expect(wrong).toEqual([])
      expect([outcomes.beforeRotation > 0, outcomes.afterWrite > 0]).toEqual([true, true])
      for (const { folder, file } of scenes) {
        expect((await readdir(folder)).sort()).toEqual(["oauth_token.json", "oauth_token.json.lock"])
        expect((await readdir(`${file}.lock`)).length).toBeLessThanOrEqual(2)
      }
      report(delayMs, spanMs, outcomes)
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

/** The usual duration of a refresh, ms. Most later kills would be too late. */
async function refreshSpan(scenes: readonly CrashScene[]): Promise<number> {
  const times = await inLanes(MEASURED, async (lane) => timeRefresh(at(scenes, lane), await victims.take()))
  times.sort((a, b) => a - b)
  return at(times, MEASURED / 2)
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index]
  if (value === undefined) throw new Error(`There is no value at ${index}.`)
  return value
}

/** Runs `task` the given number of times, in {@link LANES} lanes at once. */
async function inLanes<T>(times: number, task: (lane: number, trial: number) => Promise<T>): Promise<T[]> {
  const trialsLeft = Array.from({ length: times }).keys()
  const results: T[] = []
  const run = async (_: unknown, lane: number) => {
    for (const trial of trialsLeft) results.push(await task(lane, trial))
  }
  await Promise.all(Array.from({ length: LANES }, run))
  return results
}

/** Prints the outcomes also when the test passes: the share is a figure to watch, not a limit. */
function report(delayMs: number, spanMs: number, outcomes: Omit<CrashOutcomes, "wrong">) {
  const { beforeRotation, between, afterWrite } = outcomes
  const share = `${((100 * between) / TRIALS).toFixed(1)} %`
  process.stdout.write(
    `Killed ${TRIALS} times within ${spanMs.toFixed(0)} ms, answers taking ${delayMs} ms: ${beforeRotation} before the server's ` +
      `rotation, ${between} between it and our write (${share}), ${afterWrite} after.\n`,
  )
}
