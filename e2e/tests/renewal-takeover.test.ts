import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { LockTimes } from "qwen-auth-core/internal"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { holdConnection } from "../harness/processes/held-connection.ts"
import { refreshLog } from "../harness/processes/refresh-log.ts"
import { trials } from "../harness/processes/trials.ts"
import { CROWD, endAll, startCrowd } from "../harness/processes/worker-crowd.ts"
import { bunMissing, type Runtime, startWorker, type Worker } from "../harness/processes/worker-process.ts"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"
import { expireOnDisk, readSignIn, signInTo } from "../harness/shared/stored-sign-in.ts"

/**
 * These times are short, so that rounds are quick, and suit a busy machine with few cores: a live holder keeps the lock for milliseconds, and a
 * waiter considers it dead only after 1.5 s of its own waiting. A holder that has ended costs 100 ms.
 */
const TIMES: LockTimes = { heartbeatMs: 100, abandonedMs: 100, staleMs: 1_500, waitMs: 30_000 }
const HOLD_MS = 3
const ROUNDS_AFTER_KILL = trials(24, 200)
const ROUNDS_BY_SILENCE = trials(8, 24)
/** The number of rounds at the same time, each with its own lock. A round mostly waits. */
const LANES = 8

const GOOD = { statuses: [200], errors: [] }

let root: string
let crowd: Worker[] = []
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "qwen-renewal-takeover-"))
  crowd = await startCrowd()
})
afterAll(async () => {
  await endAll(crowd)
  await rm(root, { recursive: true, force: true })
})

describe(`a stale lock never has two new holders among ${CROWD}`, () => {
  it(`when its process was killed, ${ROUNDS_AFTER_KILL} rounds`, async () => {
    const folders = foldersFor("killed", ROUNDS_AFTER_KILL)
    const holder = await startWorker("node")
    await holder.keep(folders, TIMES)
    await holder.kill()
    await expectSingleHolders(folders)
  })

  it(`when it belongs to another machine and is not updated, ${ROUNDS_BY_SILENCE} rounds`, async () => {
    const folders = foldersFor("elsewhere", ROUNDS_BY_SILENCE)
    const text = JSON.stringify({ pid: process.pid, host: "another.example", nonce: "00" })
    await Promise.all(folders.map((folder) => leaveLock(folder, text)))
    await expectSingleHolders(folders)
  })

  it(`when its process was killed before it wrote its name, ${ROUNDS_BY_SILENCE} rounds`, async () => {
    const folders = foldersFor("nameless", ROUNDS_BY_SILENCE)
    await Promise.all(folders.map((folder) => leaveLock(folder, "")))
    await expectSingleHolders(folders)
  })
})

const stoppable: readonly Runtime[] = bunMissing === undefined ? ["node", "bun"] : ["node"]

describe.skipIf(process.platform === "win32").each(stoppable)(
  "a holder in %s that is suspended during its refresh",
  (runtime) => {
    let simulator: SimulatorProcess
    let file: string
    let stopped: Worker
    let other: Worker
    beforeEach(async () => {
      file = join(await mkdtemp(join(root, "stopped-")), "oauth_token.json")
      simulator = await startSimulator()
      await simulator.control("scenario", { deviceCode: { autoApprove: true } })
      await signInTo(simulator, file)
      await expireOnDisk(file)
      ;[stopped, other] = await Promise.all([startWorker(runtime), startWorker("node")])
    })
    afterEach(async () => {
      await endAll([stopped, other])
      simulator.stop()
    })
    const signIn = (origin = simulator.origin) => ({ origin, file, lockTimes: TIMES })

    const refreshesReach = (count: number) => {
      return expect.poll(() => refreshLog(simulator)).toHaveLength(count)
    }

    /** Suspends the holder while the server handles its refresh. The answer arrives while it is suspended. */
    async function askAndStop(slowAnswers: number) {
      const queue = Array.from({ length: slowAnswers }, () => ({ pass: true, delayMs: 700 }))
      await simulator.control("scenario", { answers: { refresh: { queue } } })
      const asking = stopped.ask(signIn(), 1)
      await refreshesReach(1)
      stopped.stop()
      // In an object, because the promise itself would be waited for.
      return { asking }
    }

    /** Suspends the holder, lets another process ask, and resumes the holder. */
    async function stopWhileOtherAsks() {
      const { asking } = await askAndStop(1)
      const others = await other.ask(signIn(), 1)
      const afterOther = await readSignIn(file)
      stopped.resume()
      return { others, afterOther, ofStopped: await asking }
    }

    /** Expects that a new process can use and refresh the stored sign-in. */
    async function expectToWork() {
      const newcomer = await startWorker("node")
      try {
        expect(await newcomer.ask(signIn(), 1)).toEqual(GOOD)
        await expireOnDisk(file)
        expect(await newcomer.ask(signIn(), 1)).toEqual(GOOD)
      } finally {
        await newcomer.kill()
      }
    }

    it("does not overwrite the sign-in of the process that took over", async () => {
      // Without rotation, both refreshes succeed, so both processes have a valid sign-in to store.
      await simulator.control("scenario", { token: { rotation: false } })
      const { others, afterOther, ofStopped } = await stopWhileOtherAsks()

      expect([others, ofStopped]).toEqual([GOOD, GOOD])
      expect((await refreshLog(simulator)).map(({ status }) => status)).toEqual([200, 200])
      expect(await readSignIn(file)).toEqual(afterOther)
      await expectToWork()
    })

    it("does not disturb the process that took over while it still refreshes", async () => {
      await simulator.control("scenario", { token: { rotation: false } })
      const { asking } = await askAndStop(2)
      const othersAsking = other.ask(signIn(), 1)
      await refreshesReach(2)
      stopped.resume()

      expect(await othersAsking).toEqual(GOOD)
      const afterOther = await readSignIn(file)
      expect(await asking).toEqual(GOOD)
      expect(await readSignIn(file)).toEqual(afterOther)
      expect(await refreshLog(simulator)).toHaveLength(2)
      await expectToWork()
    })

    it("stores its token when the server rotated for it and refused the other", async () => {
      const { others, afterOther, ofStopped } = await stopWhileOtherAsks()

      expect(others.statuses).toEqual([401])
      expect(others.errors.join()).toContain("the service refused it")
      expect(ofStopped).toEqual(GOOD)
      expect(await readSignIn(file)).not.toEqual(afterOther)
      expect(await other.ask(signIn(), 1)).toEqual(GOOD)
      await expectToWork()
    })

    it("uses the token of the other when the server rotated for the other and refuses it", async () => {
      const connection = await holdConnection(simulator.origin)
      try {
        const asking = stopped.ask(signIn(connection.origin), 1)
        await connection.requested
        stopped.stop()
        expect(await other.ask(signIn(), 1)).toEqual(GOOD)
        const afterOther = await readSignIn(file)
        connection.open()
        await refreshesReach(2)
        stopped.resume()

        expect(await asking).toEqual(GOOD)
        expect((await refreshLog(simulator)).map(({ status }) => status)).toEqual([200, 400])
        expect(await readSignIn(file)).toEqual(afterOther)
        await expectToWork()
      } finally {
        connection.close()
      }
    })
  },
)

function foldersFor(name: string, rounds: number): string[] {
  return Array.from({ length: rounds }, (_, index) => join(root, `${name}-${index + 1}.lock`))
}

async function leaveLock(folder: string, text: string): Promise<void> {
  await mkdir(folder)
  await writeFile(join(folder, "1"), text)
}

async function expectSingleHolders(folders: readonly string[]): Promise<void> {
  const waiting = folders.values()
  const lane = async () => {
    for (const folder of waiting) expect(await playRound(folder), folder).toEqual(crowd.map(() => "alone"))
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

/** Lets all workers acquire one lock at once. They get it one after the other. */
function playRound(folder: string): Promise<string[]> {
  const lock = { folder, times: TIMES, holdMs: HOLD_MS, witness: `${folder}.witness` }
  return Promise.all(crowd.map((worker) => worker.hold(lock)))
}
