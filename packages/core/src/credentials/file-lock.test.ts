import { readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { atEachPause } from "qwen-auth-testing/at-each-pause"
import { failureOf } from "qwen-auth-testing/failure-of"
import { type FakePlatform, type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { until } from "qwen-auth-testing/gate"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import type { Platform } from "../platform.ts"
import { acquireFileLock, LOCK_TIMES, type LockTimes } from "./file-lock.ts"

const temporaryFolder = temporaryFolders()
const lockFolder = async () => join(await temporaryFolder(), "oauth_token.json.lock")

const TIMES: LockTimes = { heartbeatMs: 10, abandonedMs: 200, staleMs: 600, waitMs: 3_000 }
/** The longest single pause, and so the most by which a wait can exceed a limit. */
const PAUSE_MS = 90

const HOLDER = 1
const WAITER = 2
const acquire = (platform: Platform, folder: string, times = TIMES) => acquireFileLock(platform, folder, { times })
const processOf = (pid: number, options: FakePlatformOptions = {}) => fakePlatform({ pid, ...options })
const waited = (platform: FakePlatform) => platform.waits.reduce((sum, ms) => sum + ms, 0)

/** A lock held by a process that sends no heartbeat. */
async function lockOf(holder = processOf(HOLDER)) {
  const folder = await lockFolder()
  const lease = await acquire(holder, folder)
  return { folder, lease, holder }
}

/** The platform of a waiting process. `other` sends a heartbeat during each pause. */
function beside(other: FakePlatform, platform: FakePlatform): Platform {
  return atEachPause(platform, async () => {
    other.pass(TIMES.heartbeatMs)
    await other.beat()
  })
}

describe("a free lock", () => {
  it("is acquired at once", async () => {
    const platform = processOf(WAITER)
    const lease = await acquire(platform, await lockFolder())
    expect(await lease.isHeld()).toBe(true)
    expect(platform.waits).toEqual([])
  })

  it("is acquired at once by any process after its release", async () => {
    const folder = await lockFolder()
    for (const pid of [1, 1, 2, 1]) {
      const platform = processOf(pid)
      await (await acquire(platform, folder)).release()
      expect(platform.waits).toEqual([])
    }
    expect((await readdir(folder)).sort()).toEqual(["3.free", "4.free"])
  })

  it("is the system's error if no file can be created", async () => {
    const file = join(await temporaryFolder(), "file")
    await writeFile(file, "")
    await expect(acquire(processOf(WAITER), join(file, "lock"))).rejects.toMatchObject({ code: "ENOTDIR" })
  })
})

describe("a lock that another process holds", () => {
  it("is waited for and acquired after its release", async () => {
    const { folder, lease } = await lockOf()
    const waiter = processOf(WAITER, { autoAdvance: false })
    let acquired = false
    const waiting = acquire(waiter, folder).finally(() => {
      acquired = true
    })
    await until(() => waiter.openWaits() === 1)
    waiter.pass(PAUSE_MS)
    await until(() => waiter.openWaits() === 1)
    expect(acquired).toBe(false)
    await lease.release()
    waiter.pass(PAUSE_MS)
    const mine = await waiting
    expect([await lease.isHeld(), await mine.isHeld()]).toEqual([false, true])
  })

  it.each([
    ["shorter", 0, [8, 11, 17, 25, 30, 30]],
    ["longer", 255, [23, 34, 51, 76, 90, 90]],
  ])("is waited for in growing pauses of 15 to 60 ms, each up to a half %s by chance", async (_, byte, pauses) => {
    const { folder } = await lockOf()
    const waiter = processOf(WAITER, { randomBytes: (size) => new Uint8Array(size).fill(byte) })
    await acquire(waiter, folder)
    expect(waiter.waits.slice(0, pauses.length)).toEqual(pauses)
  })

  it("is not acquired if `skipIf` returns a value during the wait", async () => {
    const { folder, lease } = await lockOf()
    const results = [undefined, undefined, "found"]
    const waiter = processOf(WAITER)
    const outcome = await acquireFileLock(waiter, folder, { times: TIMES, skipIf: async () => results.shift() })
    expect(outcome).toEqual({ found: "found" })
    expect(waiter.waits).toHaveLength(2)
    expect(await lease.isHeld()).toBe(true)
    expect(await readdir(folder)).toEqual(["1"])
  })

  it("is never taken over while heartbeats arrive, and the wait ends with an error", async () => {
    const { folder, lease, holder } = await lockOf()
    const waiter = processOf(WAITER)
    const error = await failureOf(acquire(beside(holder, waiter), folder))
    expect(error.code).toBe("credential_locked")
    expect(error.message).toContain(folder)
    expect(error.remedy).toBeDefined()
    expect(waited(waiter)).toBeGreaterThanOrEqual(TIMES.waitMs)
    expect(waited(waiter)).toBeLessThan(TIMES.waitMs + PAUSE_MS)
    expect(await lease.isHeld()).toBe(true)
  })
})

describe("a lock whose holder sends no heartbeat", () => {
  const HOURS_S = 12 * 3600

  it.each([
    ["that was not changed", undefined],
    ["hours in the past", Date.now() / 1000 - HOURS_S],
    ["hours in the future", Date.now() / 1000 + HOURS_S],
  ])("is taken over after we have waited for the stale time, with a file time %s", async (_, time) => {
    const { folder, lease } = await lockOf()
    if (time !== undefined) await utimes(join(folder, "1"), time, time)
    const waiter = processOf(WAITER)
    const mine = await acquire(waiter, folder)
    expect(waited(waiter)).toBeGreaterThanOrEqual(TIMES.staleMs)
    expect(waited(waiter)).toBeLessThan(TIMES.staleMs + PAUSE_MS)
    expect([await lease.isHeld(), await mine.isHeld()]).toEqual([false, true])
  })

  it("is taken over sooner if its process no longer exists on this machine", async () => {
    const { folder } = await lockOf()
    const waiter = processOf(WAITER, { isAlive: (pid) => pid !== HOLDER })
    await acquire(waiter, folder)
    expect(waited(waiter)).toBeGreaterThanOrEqual(TIMES.abandonedMs)
    expect(waited(waiter)).toBeLessThan(TIMES.abandonedMs + PAUSE_MS)
  })

  it.each([
    ["its process belongs to another machine", processOf(HOLDER, { host: "another-machine" }), undefined],
    ["its file does not name the process", processOf(HOLDER), ""],
  ])("is not taken over sooner if %s", async (_, holder, text) => {
    const { folder } = await lockOf(holder)
    if (text !== undefined) await writeFile(join(folder, "1"), text)
    const waiter = processOf(WAITER, { isAlive: () => false })
    await acquire(waiter, folder)
    expect(waited(waiter)).toBeGreaterThanOrEqual(TIMES.staleMs)
  })

  it("is not taken over if heartbeats start again in time, even if no such process seems to exist", async () => {
    const { folder, lease, holder } = await lockOf()
    const waiter = processOf(WAITER, { isAlive: () => false })
    expect((await failureOf(acquire(beside(holder, waiter), folder))).code).toBe("credential_locked")
    expect(await lease.isHeld()).toBe(true)
  })

  it("stays with the new holder if the old one releases it late", async () => {
    const { folder, lease } = await lockOf()
    const mine = await acquire(processOf(WAITER), folder)
    await lease.release()
    expect(await mine.isHeld()).toBe(true)
    expect(JSON.parse(await readFile(join(folder, "2"), "utf8"))).toMatchObject({ pid: WAITER })
  })
})

describe("the heartbeat", () => {
  it("changes the file's time, and ends with the release", async () => {
    const { folder, lease, holder } = await lockOf()
    const time = async () => (await stat(join(folder, "1"))).mtimeMs
    const times = [await time()]
    for (let beat = 0; beat < 2; beat++) {
      holder.pass(TIMES.heartbeatMs)
      await holder.beat()
      times.push(await time())
    }
    expect(new Set(times).size).toBe(3)
    await lease.release()
    expect(holder.beating()).toBe(0)
  })

  it("is more frequent than the limits of a dead lock", () => {
    expect(LOCK_TIMES.heartbeatMs * 2).toBeLessThan(LOCK_TIMES.abandonedMs)
    expect(LOCK_TIMES.abandonedMs).toBeLessThan(LOCK_TIMES.staleMs)
    expect(LOCK_TIMES.staleMs).toBeLessThan(LOCK_TIMES.waitMs)
  })

  it("of a lock whose folder was deleted fails silently, and the lock is free", async () => {
    const { folder, lease, holder } = await lockOf()
    await rm(folder, { recursive: true })
    await expect(holder.beat()).resolves.toBeUndefined()
    expect(await lease.isHeld()).toBe(false)
    const waiter = processOf(WAITER)
    const mine = await acquire(waiter, folder)
    expect(waiter.waits).toEqual([])
    await lease.release()
    expect(await mine.isHeld()).toBe(true)
  })
})

describe("a lock never has two holders", () => {
  /** Many processes. Each pause of one lets all holders send a heartbeat. */
  function crowd(count: number) {
    const clock = fakePlatform({ autoAdvance: false, isAlive: (pid) => pid !== HOLDER })
    return Array.from({ length: count }, (_, index) => ({
      ...clock,
      pid: HOLDER + 1 + index,
      async sleep(ms: number) {
        clock.pass(ms)
        await clock.beat()
        // Long enough that the processes do not mostly read the folder.
        for (let tick = 0; tick < 20; tick++) await new Promise((resolve) => setImmediate(resolve))
      },
    }))
  }

  async function mostAtOnce(folder: string, count: number) {
    let inside = 0
    let most = 0
    let acquisitions = 0
    const times = { ...TIMES, waitMs: Number.POSITIVE_INFINITY }
    const one = async (platform: Platform) => {
      const lease = await acquire(platform, folder, times)
      most = Math.max(most, ++inside)
      for (let tick = 0; tick < 3; tick++) await new Promise((resolve) => setImmediate(resolve))
      if (await lease.isHeld()) acquisitions++
      inside--
      await lease.release()
    }
    await Promise.all(crowd(count).map(one))
    return { most, acquisitions }
  }

  it("when 20 processes want a free lock at once, and each acquires it", async () => {
    expect(await mostAtOnce(await lockFolder(), 20)).toEqual({ most: 1, acquisitions: 20 })
  })

  it("when 12 processes find a dead holder at once, and each acquires it", async () => {
    const { folder } = await lockOf()
    expect(await mostAtOnce(folder, 12)).toEqual({ most: 1, acquisitions: 12 })
  })
})
