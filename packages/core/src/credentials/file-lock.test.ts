import { readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
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
/** The longest single pause: what a wait can exceed a limit by. */
const PAUSE_MS = 90

const HOLDER = 1
const WAITER = 2
const acquire = (platform: Platform, folder: string, times = TIMES) => acquireFileLock(platform, folder, { times })
const processOf = (pid: number, options: FakePlatformOptions = {}) => fakePlatform({ pid, ...options })
const waited = (platform: FakePlatform) => platform.waits.reduce((sum, ms) => sum + ms, 0)

/** A lock held by a process that shows no sign of life. */
async function heldLock(holder = processOf(HOLDER)) {
  const folder = await lockFolder()
  const lease = await acquire(holder, folder)
  return { folder, lease, holder }
}

/** A world in which `other` shows a sign of life whenever this one waits. */
function beside(other: FakePlatform, platform: FakePlatform): Platform {
  return {
    ...platform,
    async sleep(ms, signal) {
      other.pass(ms)
      await other.beat()
      await platform.sleep(ms, signal)
    },
  }
}

describe("a free lock", () => {
  it("is had at once", async () => {
    const platform = processOf(WAITER)
    const lease = await acquire(platform, await lockFolder())
    expect(await lease.isHeld()).toBe(true)
    expect(platform.waits).toEqual([])
  })

  it("is had at once again after it was let go, by anyone", async () => {
    const folder = await lockFolder()
    for (const pid of [1, 1, 2, 1]) {
      const platform = processOf(pid)
      await (await acquire(platform, folder)).release()
      expect(platform.waits).toEqual([])
    }
    expect((await readdir(folder)).sort()).toEqual(["3.free", "4.free"])
  })

  it("is the system's error where no file can be made", async () => {
    const file = join(await temporaryFolder(), "file")
    await writeFile(file, "")
    await expect(acquire(processOf(WAITER), join(file, "lock"))).rejects.toMatchObject({ code: "ENOTDIR" })
  })
})

describe("a lock that another process holds", () => {
  it("is waited for, and had when it is let go", async () => {
    const { folder, lease } = await heldLock()
    const waiter = processOf(WAITER, { autoAdvance: false })
    let had = false
    const waiting = acquire(waiter, folder).finally(() => {
      had = true
    })
    await until(() => waiter.openWaits() === 1)
    waiter.pass(PAUSE_MS)
    await until(() => waiter.openWaits() === 1)
    expect(had).toBe(false)
    await lease.release()
    waiter.pass(PAUSE_MS)
    const mine = await waiting
    expect([await lease.isHeld(), await mine.isHeld()]).toEqual([false, true])
  })

  it.each([
    ["shorter", 0, [8, 11, 17, 25, 30, 30]],
    ["longer", 255, [23, 34, 51, 76, 90, 90]],
  ])("is waited for in pauses of 15 to 60 ms that grow, each up to a half %s by chance", async (_, byte, pauses) => {
    const { folder } = await heldLock()
    const waiter = processOf(WAITER, { randomBytes: (size) => new Uint8Array(size).fill(byte) })
    await acquire(waiter, folder)
    expect(waiter.waits.slice(0, pauses.length)).toEqual(pauses)
  })

  it("is not acquired when `skipIf` returns a value while waiting", async () => {
    const { folder, lease } = await heldLock()
    const looks = [undefined, undefined, "found"]
    const waiter = processOf(WAITER)
    const outcome = await acquireFileLock(waiter, folder, { times: TIMES, skipIf: async () => looks.shift() })
    expect(outcome).toEqual({ found: "found" })
    expect(waiter.waits).toHaveLength(2)
    expect(await lease.isHeld()).toBe(true)
    expect(await readdir(folder)).toEqual(["1"])
  })

  it("and that shows signs of life is never taken over: the wait ends with an error that says so", async () => {
    const { folder, lease, holder } = await heldLock()
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

describe("a holder without a sign of life", () => {
  const HOURS_S = 12 * 3600

  it.each([
    ["as it was made", undefined],
    ["hours in the past", Date.now() / 1000 - HOURS_S],
    ["hours in the future", Date.now() / 1000 + HOURS_S],
  ])("is taken over after the stale time of our own waiting, its file's time %s", async (_, time) => {
    const { folder, lease } = await heldLock()
    if (time !== undefined) await utimes(join(folder, "1"), time, time)
    const waiter = processOf(WAITER)
    const mine = await acquire(waiter, folder)
    expect(waited(waiter)).toBeGreaterThanOrEqual(TIMES.staleMs)
    expect(waited(waiter)).toBeLessThan(TIMES.staleMs + PAUSE_MS)
    expect([await lease.isHeld(), await mine.isHeld()]).toEqual([false, true])
  })

  it("is taken over sooner when its process is gone from this machine", async () => {
    const { folder } = await heldLock()
    const waiter = processOf(WAITER, { isAlive: (pid) => pid !== HOLDER })
    await acquire(waiter, folder)
    expect(waited(waiter)).toBeGreaterThanOrEqual(TIMES.abandonedMs)
    expect(waited(waiter)).toBeLessThan(TIMES.abandonedMs + PAUSE_MS)
  })

  it.each([
    ["its process is one of another machine", processOf(HOLDER, { host: "another-machine" }), undefined],
    ["its file does not say who it is", processOf(HOLDER), ""],
  ])("is not taken over sooner when %s", async (_, holder, text) => {
    const { folder } = await heldLock(holder)
    if (text !== undefined) await writeFile(join(folder, "1"), text)
    const waiter = processOf(WAITER, { isAlive: () => false })
    await acquire(waiter, folder)
    expect(waited(waiter)).toBeGreaterThanOrEqual(TIMES.staleMs)
  })

  it("is not taken over when it comes back to life in time, though its process number looks gone", async () => {
    const { folder, lease, holder } = await heldLock()
    const waiter = processOf(WAITER, { isAlive: () => false })
    expect((await failureOf(acquire(beside(holder, waiter), folder))).code).toBe("credential_locked")
    expect(await lease.isHeld()).toBe(true)
  })

  it("leaves the new holder alone when it lets go late", async () => {
    const { folder, lease } = await heldLock()
    const mine = await acquire(processOf(WAITER), folder)
    await lease.release()
    expect(await mine.isHeld()).toBe(true)
    expect(JSON.parse(await readFile(join(folder, "2"), "utf8"))).toMatchObject({ pid: WAITER })
  })
})

describe("the sign of life", () => {
  it("changes the file's time at each beat, and ends when the lock is let go", async () => {
    const { folder, lease, holder } = await heldLock()
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

  it("comes often enough for the times that count", () => {
    expect(LOCK_TIMES.heartbeatMs * 2).toBeLessThan(LOCK_TIMES.abandonedMs)
    expect(LOCK_TIMES.abandonedMs).toBeLessThan(LOCK_TIMES.staleMs)
    expect(LOCK_TIMES.staleMs).toBeLessThan(LOCK_TIMES.waitMs)
  })

  it("of a lock whose folder was deleted harms nobody, and nobody is blocked", async () => {
    const { folder, lease, holder } = await heldLock()
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

describe("never two holders", () => {
  /** Many processes, whose waiting lets those who hold show that they live. */
  function crowd(count: number) {
    const clock = fakePlatform({ autoAdvance: false, isAlive: (pid) => pid !== HOLDER })
    return Array.from({ length: count }, (_, index) => ({
      ...clock,
      pid: HOLDER + 1 + index,
      async sleep(ms: number) {
        clock.pass(ms)
        await clock.beat()
        // Long enough that looking is not most of what happens.
        for (let lock = 0; lock < 20; lock++) await new Promise((resolve) => setImmediate(resolve))
      },
    }))
  }

  async function mostAtOnce(folder: string, count: number) {
    let inside = 0
    let most = 0
    let turns = 0
    const times = { ...TIMES, waitMs: Number.POSITIVE_INFINITY }
    const one = async (platform: Platform) => {
      const lease = await acquire(platform, folder, times)
      most = Math.max(most, ++inside)
      for (let lock = 0; lock < 3; lock++) await new Promise((resolve) => setImmediate(resolve))
      if (await lease.isHeld()) turns++
      inside--
      await lease.release()
    }
    await Promise.all(crowd(count).map(one))
    return { most, turns }
  }

  it("when 20 want a free lock at once: each has its turn", async () => {
    expect(await mostAtOnce(await lockFolder(), 20)).toEqual({ most: 1, turns: 20 })
  })

  it("when 12 meet a dead holder at once: each has its turn", async () => {
    const { folder } = await heldLock()
    expect(await mostAtOnce(folder, 12)).toEqual({ most: 1, turns: 12 })
  })
})
