import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, describe, expect, it } from "vitest"
import { type SharingProcess, startQwenCode, startSharer } from "../harness/processes/sharing-process.ts"
import { trials } from "../harness/processes/trials.ts"
import { type Simulator, startSimulator } from "../harness/shared/simulator-process.ts"
import { expireOnDisk, readSignIn, signInTo } from "../harness/shared/stored-sign-in.ts"

const ROUNDS = trials(12, 100)

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task()
})

/** Creates a sign-in to a new simulator in a folder like Qwen Code's. */
async function signedIn() {
  const simulator = await startSimulator()
  cleanUp.push(async () => simulator.stop())
  await simulator.control("scenario", { deviceCode: { intervalS: 1, autoApprove: true } })
  const root = await mkdtemp(join(tmpdir(), "qwen-interop-"))
  cleanUp.push(() => rm(root, { recursive: true, force: true, maxRetries: 5 }))
  const folder = join(root, ".qwen")
  await mkdir(folder)
  const file = join(folder, "oauth_creds.json")
  await signInTo(simulator, file)
  const shared = { origin: simulator.origin, folder }
  return { simulator, folder, file, lock: join(folder, "oauth_creds.lock"), shared }
}

async function started<T extends readonly Promise<SharingProcess>[]>(...starts: T) {
  const processes = await Promise.all(starts)
  for (const running of processes) cleanUp.push(() => running.exit())
  return processes
}

/** Whether the API accepts the stored token, and it has not expired. */
async function storedWorks(simulator: Simulator, file: string): Promise<boolean> {
  const { access_token, expiry_date } = await readSignIn(file)
  const response = await fetch(`${simulator.origin}/v1/models`, {
    headers: { Authorization: `Bearer ${access_token}` },
  })
  await response.body?.cancel()
  return response.ok && expiry_date > Date.now()
}

async function until(event: string, done: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await done()); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`This did not happen in time: ${event}.`)
  }
}

describe("sharing a sign-in with Qwen Code", () => {
  it(`takes one refresh in each of ${ROUNDS} rounds, with 2 processes of Qwen Code and 3 of ours`, async () => {
    const { simulator, folder, file, shared } = await signedIn()
    await simulator.control("scenario", { answers: { refresh: { standing: { pass: true, delayMs: 60 } } } })
    const theirs = [startQwenCode(shared, 10_000), startQwenCode(shared, 35_000)]
    const ours = [startSharer(shared), startSharer(shared), startSharer(shared)]
    const processes = await started(...theirs, ...ours)
    const sharers = new Set(processes.slice(theirs.length))
    let byOurs = 0
    for (let round = 1; round <= ROUNDS; round++) {
      const before = await expireOnDisk(file)
      // One of three rounds begins in all processes at once. In the others, one kind of process begins while the other kind refreshes.
      const first = [undefined, "ours", "theirs"][round % 3]
      const used = await Promise.all(
        processes.map(async (running) => {
          const waits = first !== undefined && sharers.has(running) !== (first === "ours")
          if (waits) await until("a refresh", async () => (await simulator.refreshes()) === round)
          return { running, ...(await running.use()) }
        }),
      )

      const after = await readSignIn(file)
      expect(await simulator.refreshes(), `refreshes after round ${round}`).toBe(round)
      expect(new Set(used.map(({ accessToken }) => accessToken))).toEqual(new Set([after.access_token]))
      const refreshers = used.filter(({ refreshed }) => refreshed).map(({ running }) => running)
      expect(refreshers).toHaveLength(1)
      expect(after.refresh_token).not.toBe(before.refresh_token)
      expect(await storedWorks(simulator, file)).toBe(true)
      expect((await readdir(folder)).sort()).toEqual(["oauth_creds.json", "oauth_creds.json.lock"])
      byOurs += refreshers.filter((running) => sharers.has(running)).length
    }
    process.stdout.write(`Of ${ROUNDS} refreshes, our processes made ${byOurs} and Qwen Code's ${ROUNDS - byOurs}.\n`)
    expect(byOurs).toBeGreaterThan(0)
    expect(byOurs).toBeLessThan(ROUNDS)
  })

  it("survives a late refusal that deletes the file that we just refreshed", async () => {
    const { simulator, file, lock, shared } = await signedIn()
    await simulator.control("scenario", {
      answers: {
        refresh: {
          queue: [
            { pass: true, delayMs: 500 },
            { pass: true, delayMs: 2_000 },
          ],
        },
      },
    })
    const [ours, leaving, late] = await started(
      startSharer(shared),
      startQwenCode(shared, 10_000),
      startQwenCode(shared, 10_000),
    )
    await expireOnDisk(file)
    const refreshing = ours?.use()
    await until("our refresh", async () => (await simulator.refreshes()) === 1)
    expect(existsSync(lock)).toBe(true)
    await leaving?.exit()
    expect(existsSync(lock)).toBe(false)

    const refused = expect(late?.use()).rejects.toThrow("Refresh token expired or invalid.")
    const refreshed = await refreshing
    await refused
    expect(existsSync(file)).toBe(false)

    expect((await ours?.use())?.accessToken).toBe(refreshed?.accessToken)
    await until("the file is there again", async () => existsSync(file))
    expect((await readSignIn(file)).access_token).toBe(refreshed?.accessToken)
    expect(await storedWorks(simulator, file)).toBe(true)
    expect((await late?.use())?.accessToken).toBe(refreshed?.accessToken)
    expect(await simulator.refreshes()).toBe(2)
  })

  it("uses Qwen Code's token when our own refresh was too late", async () => {
    const { simulator, file, lock, shared } = await signedIn()
    await simulator.control("scenario", { answers: { refresh: { queue: [{ pass: true, delayMs: 1_000 }] } } })
    const [theirs, leaving, ours] = await started(
      startQwenCode(shared, 35_000),
      startQwenCode(shared, 10_000),
      startSharer(shared),
    )
    await expireOnDisk(file)
    const refreshing = theirs?.use()
    await until("their refresh", async () => (await simulator.refreshes()) === 1)
    await leaving?.exit()
    expect(existsSync(lock)).toBe(false)

    const used = await ours?.use()
    expect(used?.accessToken).toBe((await refreshing)?.accessToken)
    expect(await simulator.refreshes()).toBe(2)
    expect(await storedWorks(simulator, file)).toBe(true)
  })

  it("keeps our lock alive for Qwen Code during a long refresh", async () => {
    const { simulator, file, shared } = await signedIn()
    // This is longer than the age at which 0.12 considers a lock stale.
    await simulator.control("scenario", { answers: { refresh: { queue: [{ pass: true, delayMs: 12_000 }] } } })
    const [ours, theirs] = await started(startSharer(shared), startQwenCode(shared, 10_000))
    await expireOnDisk(file)
    const refreshing = ours?.use()
    await until("our refresh", async () => (await simulator.refreshes()) === 1)
    const used = await theirs?.use()

    expect(used).toEqual({ accessToken: (await refreshing)?.accessToken, refreshed: false })
    expect(await simulator.refreshes()).toBe(1)
    expect(await storedWorks(simulator, file)).toBe(true)
  })

  it("takes over the lock of one of our killed processes at once", async () => {
    const { simulator, file, lock, shared } = await signedIn()
    const [ours] = await started(startSharer(shared))
    await expireOnDisk(file)
    await writeFile(lock, "71776175-7468-8000-a000-000000000000")
    // By its age, the lock would become stale after an hour.
    const inAnHour = new Date(Date.now() + 3_600_000)
    await utimes(lock, inAnHour, inAnHour)
    expect((await ours?.use())?.refreshed).toBe(true)
    expect(await storedWorks(simulator, file)).toBe(true)
    expect(existsSync(lock)).toBe(false)
  })
})
