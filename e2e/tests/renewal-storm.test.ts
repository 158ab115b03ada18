import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { refreshLog } from "../harness/processes/refresh-log.ts"
import { trials } from "../harness/processes/trials.ts"
import { CROWD, endAll, startCrowd } from "../harness/processes/worker-crowd.ts"
import { startWorker, type Worker } from "../harness/processes/worker-process.ts"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"
import { expireOnDisk, readSignIn, signInTo } from "../harness/shared/stored-sign-in.ts"

const ROUNDS = trials(4, 20)
const REQUESTS = 8

let folder: string
let file: string
let simulator: SimulatorProcess
let crowd: Worker[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "qwen-renewal-storm-"))
  file = join(folder, "oauth_token.json")
  simulator = await startSimulator()
  await simulator.control("scenario", {
    deviceCode: { autoApprove: true },
    // A second refresh with the same token would end the sign-in for all.
    token: { rotation: true, reuseRevokesFamily: true },
    answers: { refresh: { standing: { pass: true, delayMs: 300 } } },
  })
  await signInTo(simulator, file)
  crowd = await startCrowd()
})
afterAll(async () => {
  await endAll(crowd)
  simulator?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Lets all workers of the crowd ask at once, then a new process. Returns the results. */
async function storm(): Promise<{ refreshes: number; answers: unknown[]; newcomer: unknown }> {
  const before = Date.now()
  const signIn = { origin: simulator.origin, file }
  const answers = await Promise.all(crowd.map((worker) => worker.ask(signIn, REQUESTS)))
  const newcomer = await startWorker("node")
  try {
    const answer = await newcomer.ask(signIn, 1)
    const refreshes = (await refreshLog(simulator)).filter(({ time }) => time >= before).length
    return { refreshes, answers, newcomer: answer }
  } finally {
    await newcomer.kill()
  }
}

describe(`one refresh serves ${CROWD} with ${REQUESTS} requests each and one sign-in, ${ROUNDS} rounds`, () => {
  it.each([
    ["when the token has expired", expireOnDisk],
    ["when the server rejects a token that looks valid", readSignIn],
  ])("%s", async (_when, prepare) => {
    const expected = { refreshes: 1, answers: crowd.map(() => allGood(REQUESTS)), newcomer: allGood(1) }
    for (let round = 1; round <= ROUNDS; round++) {
      await simulator.control("expire-tokens")
      await prepare(file)
      expect(await storm(), `round ${round}`).toEqual(expected)
    }
  })
})

function allGood(requests: number): object {
  return { statuses: Array<number>(requests).fill(200), errors: [] }
}
