import { writeFileSync } from "node:fs"
import { readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { atEachPause } from "qwen-auth-testing/at-each-pause"
import { failureOf } from "qwen-auth-testing/failure-of"
import { type FakePlatform, fakePlatform } from "qwen-auth-testing/fake-platform"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { acquireQwenCodeLock, type QwenCodeLock } from "./qwen-code-lock.ts"

const temporaryFolder = temporaryFolders()

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const THEIRS = "3f0b0f0e-8c55-4f3c-9a5e-1b1d1a1c1e1f"
const OLD = new Date("2020-01-01")

async function acquire(platform: FakePlatform, path: string): Promise<QwenCodeLock> {
  const lock = await acquireQwenCodeLock(platform, path)
  if ("found" in lock) throw new Error("the lock was not acquired")
  return lock
}

async function lockPath(text?: string) {
  const folder = await temporaryFolder()
  const path = join(folder, "oauth_creds.lock")
  if (text !== undefined) await writeFile(path, text)
  return { folder, path, files: () => readdir(folder) }
}

describe("Qwen Code's lock", () => {
  it("is a file that holds a UUID while it is held, and gone afterwards", async () => {
    const { path, files } = await lockPath()
    const lock = await acquire(fakePlatform(), path)
    expect(await readFile(path, "utf8")).toMatch(UUID)
    await lock.release()
    expect(await files()).toEqual([])
  })

  it.skipIf(process.platform === "win32")("can be read by its owner only", async () => {
    const { path } = await lockPath()
    await acquire(fakePlatform(), path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it("contains another UUID each time", async () => {
    const { path } = await lockPath()
    const platform = fakePlatform()
    const first = await acquire(platform, path)
    const text = await readFile(path, "utf8")
    await first.release()
    await acquire(platform, path)
    expect(await readFile(path, "utf8")).not.toBe(text)
  })

  it("is waited for in pauses of about 100 ms to 2 s, and acquired when it is free", async () => {
    const { path } = await lockPath(THEIRS)
    const platform = fakePlatform()
    const waiting = atEachPause(platform, async (pause) => pause === 12 && rm(path))
    await acquire(waiting, path)
    expect(await readFile(path, "utf8")).toMatch(UUID)
    expect(platform.waits).toHaveLength(12)
    const wanted = [100, 150, 225, 338, 506, 759, 1139, 1709, 2000, 2000, 2000, 2000]
    for (const [i, ms] of wanted.entries()) {
      expect(platform.waits[i]).toBeGreaterThanOrEqual(ms * 0.75 - 1)
      expect(platform.waits[i]).toBeLessThanOrEqual(ms * 1.25 + 1)
    }
  })

  it("is never removed while its time changes, and the wait ends after 42 s", async () => {
    const { path, files } = await lockPath(THEIRS)
    const platform = fakePlatform()
    let changes = 0
    const changing = atEachPause(platform, () => utimes(path, OLD, new Date(OLD.getTime() + 1000 * ++changes)))
    const error = await failureOf(acquire(changing, path))
    expect(error.code).toBe("credential_locked")
    expect(error.message).toContain(path)
    expect(await readFile(path, "utf8")).toBe(THEIRS)
    expect(await files()).toEqual(["oauth_creds.lock"])
    const waited = platform.waits.reduce((sum, ms) => sum + ms, 0)
    expect(waited).toBeGreaterThanOrEqual(42_000)
    expect(waited).toBeLessThan(45_000)
  })

  it("is never removed while its holder changes", async () => {
    const { path } = await lockPath(THEIRS)
    const next = (pause: number) => `${THEIRS}-${pause}`
    const busy = atEachPause(fakePlatform(), async (pause) => {
      await writeFile(path, next(pause))
      await utimes(path, OLD, OLD)
    })
    expect((await failureOf(acquire(busy, path))).code).toBe("credential_locked")
  })

  it("is dead if it did not change while we waited for 36 s, however old its time is", async () => {
    const { path, files } = await lockPath(THEIRS)
    await utimes(path, OLD, OLD)
    const platform = fakePlatform()
    await acquire(platform, path)
    expect(await readFile(path, "utf8")).toMatch(UUID)
    expect(await files()).toEqual(["oauth_creds.lock"])
    const waited = platform.waits.reduce((sum, ms) => sum + ms, 0)
    expect(waited).toBeGreaterThan(36_000)
    expect(waited).toBeLessThan(39_000)
  })

  it("is acquired at once if one of our own processes left it behind", async () => {
    const { path } = await lockPath()
    await acquire(fakePlatform({ randomBytes: (size) => new Uint8Array(size) }), path)
    const left = await readFile(path, "utf8")
    const platform = fakePlatform()
    await acquire(platform, path)
    expect(await readFile(path, "utf8")).not.toBe(left)
    expect(platform.waits).toEqual([])
  })

  it("is put back if another program replaced it before its removal", async () => {
    const { path, files } = await lockPath(THEIRS)
    const platform = fakePlatform()
    const late: FakePlatform = {
      ...platform,
      randomBytes(size) {
        // These bytes name the path to which a dead lock is renamed, right before that.
        if (size === 6) writeFileSync(path, "another")
        return platform.randomBytes(size)
      },
    }
    expect((await failureOf(acquire(late, path))).code).toBe("credential_locked")
    expect(await readFile(path, "utf8")).toBe("another")
    expect(await files()).toEqual(["oauth_creds.lock"])
  })

  it("may disappear while it is held", async () => {
    const { path, files } = await lockPath()
    const lock = await acquire(fakePlatform(), path)
    await rm(path)
    await lock.release()
    expect(await files()).toEqual([])
  })

  it("is not removed by its release if another program has replaced it", async () => {
    const { path } = await lockPath()
    const lock = await acquire(fakePlatform(), path)
    await writeFile(path, THEIRS)
    await lock.release()
    expect(await readFile(path, "utf8")).toBe(THEIRS)
  })

  it("sends heartbeats while it is held, to its own file only", async () => {
    const { path } = await lockPath()
    const platform = fakePlatform()
    const beats: (() => Promise<void>)[] = []
    let stopped = 0
    const beating: FakePlatform = {
      ...platform,
      setInterval(ms, task) {
        expect(ms).toBeLessThanOrEqual(2_000)
        beats.push(task)
        return () => stopped++
      },
    }
    const lock = await acquire(beating, path)
    await utimes(path, OLD, OLD)
    await beats[0]?.()
    expect((await stat(path)).mtimeMs).toBe(platform.now())
    await writeFile(path, THEIRS)
    await utimes(path, OLD, OLD)
    await beats[0]?.()
    expect((await stat(path)).mtimeMs).toBe(OLD.getTime())
    await rm(path)
    await beats[0]?.()
    await lock.release()
    expect(stopped).toBe(1)
  })

  it("is not acquired if `skipIf` returns a value during the wait", async () => {
    const { path } = await lockPath(THEIRS)
    let calls = 0
    const found = await acquireQwenCodeLock(fakePlatform(), path, async () => (++calls < 3 ? undefined : "it"))
    expect(found).toEqual({ found: "it" })
    expect(await readFile(path, "utf8")).toBe(THEIRS)
  })

  it("is also held by a symbolic link without a target", async () => {
    const { folder, path } = await lockPath()
    await symlink(join(folder, "nowhere"), path)
    expect((await failureOf(acquire(fakePlatform(), path))).code).toBe("credential_locked")
  })

  it("that cannot be created is an error that names its path", async () => {
    const { folder } = await lockPath()
    const path = join(folder, "missing", "oauth_creds.lock")
    const error = await failureOf(acquire(fakePlatform(), path))
    expect(error.code).toBe("credential_not_stored")
    expect(error.message).toBe(`Qwen Code's lock ${path} could not be created (ENOENT).`)
  })
})
