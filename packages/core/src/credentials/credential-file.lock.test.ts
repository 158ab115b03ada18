import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { failureOf } from "qwen-auth-testing/failure-of"
import { type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { gate, until } from "qwen-auth-testing/gate"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { type CredentialFileOptions, credentialFile } from "./credential-file.ts"
import { claimGeneration } from "./lock-generations.ts"
import { formatStoredCredential } from "./stored-credential.ts"

const temporaryFolder = temporaryFolders()
const OLD = credential()
const NEW = credential({ accessToken: "access-2", refreshToken: "refresh-2" })

/** A stored sign-in, and the processes that share it. */
async function shared() {
  const path = join(await temporaryFolder(), "qwen", "oauth_token.json")
  await mkdir(dirname(path))
  await writeFile(path, formatStoredCredential(OLD))
  return {
    path,
    lock: `${path}.lock`,
    names: async () => (await readdir(dirname(path))).sort(),
    process(pid: number, at = path, options: FakePlatformOptions & CredentialFileOptions = {}) {
      const platform = fakePlatform({ pid, autoAdvance: false, ...options })
      return { platform, store: credentialFile(at, { platform, ...options }) }
    },
  }
}

describe("the lock of a credential file", () => {
  it("returns the result of its task and leaves only a free lock", async () => {
    const { process, names, lock } = await shared()
    expect(await process(1).store.withLock(async () => "done")).toBe("done")
    expect(await names()).toEqual(["oauth_token.json", "oauth_token.json.lock"])
    expect(await readdir(lock)).toEqual(["1.free"])
  })

  it("is released when its task fails, and the error reaches the caller", async () => {
    const { process, names, lock } = await shared()
    const { store, platform } = process(1)
    const failing = store.withLock(async (lock) => {
      await lock.reserveSpace()
      throw new Error("no")
    })
    await expect(failing).rejects.toThrow("no")
    expect(await names()).toEqual(["oauth_token.json", "oauth_token.json.lock"])
    expect(await readdir(lock)).toEqual(["1.free"])
    expect(platform.beating()).toBe(0)
  })

  it.each([
    ["two stores use one path", (path: string) => path],
    [
      "one store uses a path and the other a link to it",
      async (path: string) => {
        await symlink(path, join(dirname(path), "link.json"))
        return join(dirname(path), "link.json")
      },
    ],
  ])("makes the second process wait if %s", async (_, otherPath) => {
    const { process, path } = await shared()
    const inside = gate()
    const events: string[] = []
    const first = process(1).store.withLock(async () => {
      events.push("first begins")
      await inside.promise
      events.push("first ends")
    })
    await until(() => events.length === 1)
    const { platform, store } = process(2, await otherPath(path))
    const second = store.withLock(async () => void events.push("second"))
    await until(() => platform.openWaits() === 1)
    inside.open()
    await first
    platform.pass(1_000)
    await second
    expect(events).toEqual(["first begins", "first ends", "second"])
  })

  it("is not acquired if `skipIf` returns a value during the wait", async () => {
    const { process, lock } = await shared()
    const [begun, inside] = [gate(), gate()]
    const first = process(1).store.withLock(async () => {
      begun.open()
      await inside.promise
    })
    await begun.promise
    const found = await process(2).store.withLock(
      () => Promise.reject(new Error("not to be run")),
      async () => "found",
    )
    expect(found).toBe("found")
    inside.open()
    await first
    expect(await readdir(lock)).toEqual(["1.free"])
  })

  it("is an error if another process does not release it", async () => {
    const { process, lock } = await shared()
    await claimGeneration(fakePlatform({ pid: 1 }), lock, 1)
    const lockTimes = { heartbeatMs: 10, abandonedMs: 500, staleMs: 1_000, waitMs: 100 }
    const { store } = process(2, undefined, { autoAdvance: true, lockTimes })
    expect((await failureOf(store.withLock(async () => {}))).code).toBe("credential_locked")
  })

  it("removes the temporary files of a killed process", async () => {
    const { process, path, names } = await shared()
    await writeFile(`${path}.0123456789ab.tmp`, "half")
    await process(1).store.withLock(async () => {})
    expect(await names()).toEqual(["oauth_token.json", "oauth_token.json.lock"])
  })
})

describe("a write to a credential file", () => {
  it("has its space reserved before the credential is known", async () => {
    const { process, names, path } = await shared()
    const outcome = await process(1).store.withLock(async (lock) => {
      await lock.reserveSpace()
      await lock.reserveSpace()
      const [, temporary = "", ...more] = (await names()).filter((name) => !name.endsWith(".lock"))
      expect(more).toEqual([])
      expect((await stat(join(dirname(path), temporary))).size).toBeGreaterThanOrEqual(8 * 1024)
      return lock.write(NEW)
    })
    expect(outcome).toBe("stored")
    expect(await readFile(path, "utf8")).toBe(formatStoredCredential(NEW))
    expect(await names()).toEqual(["oauth_token.json", "oauth_token.json.lock"])
  })

  it("can be repeated under the same lock", async () => {
    const { process } = await shared()
    const { store } = process(1)
    await store.withLock(async (lock) => {
      await lock.write(credential({ accessToken: "between" }))
      await lock.write(NEW)
    })
    expect(await store.read()).toEqual({ credential: NEW })
  })

  it.each([
    ["before the space was reserved", false],
    ["after the space was reserved", true],
  ])("is lost, and changes nothing, if another process took over the lock %s", async (_, reserved) => {
    const { process, path, names, lock } = await shared()
    const outcome = await process(1).store.withLock(async (locked) => {
      if (reserved) await locked.reserveSpace()
      await claimGeneration(fakePlatform({ pid: 2 }), lock, 2)
      return locked.write(NEW)
    })
    expect(outcome).toBe("lost")
    expect(await readFile(path, "utf8")).toBe(formatStoredCredential(OLD))
    expect(await names()).toEqual(["oauth_token.json", "oauth_token.json.lock"])
    expect((await readdir(lock)).sort()).toEqual(["1", "2"])
  })

  it("is lost if `stillWanted` returns false at the last moment", async () => {
    const { process, path } = await shared()
    const outcome = await process(1).store.withLock((lock) => lock.write(NEW, [], async () => false))
    expect(outcome).toBe("lost")
    expect(await readFile(path, "utf8")).toBe(formatStoredCredential(OLD))
  })

  it("preserves fields of other programs in a shared file only", async () => {
    const { process, path } = await shared()
    const present = JSON.stringify({ ...JSON.parse(formatStoredCredential(OLD)), id_token: "theirs" })
    for (const [theirs, kept] of [
      [true, "theirs"],
      [false, undefined],
    ] as const) {
      await writeFile(path, present)
      await process(1, path, { shared: theirs }).store.withLock((lock) => lock.write(NEW))
      const written: unknown = JSON.parse(await readFile(path, "utf8"))
      expect(written).toMatchObject({ access_token: "access-2", refresh_token: "refresh-2" })
      expect(Object(written)["id_token"]).toBe(kept)
    }
  })
})

/** A folder in which Linux lets nobody create a file, not even root. */
const UNWRITABLE = "/sys/qwen-auth-test/oauth_token.json"

describe.skipIf(process.platform !== "linux")("a credential file in a folder that is not writable", () => {
  it("has its lock in another folder, with a warning", async () => {
    const fallbackLockFolder = join(await temporaryFolder(), "lock")
    const { process } = await shared()
    const { store, platform } = process(1, UNWRITABLE, { fallbackLockFolder })
    const error = await store.withLock(async (lock) => {
      expect(await readdir(fallbackLockFolder)).toEqual(["1"])
      return failureOf(lock.reserveSpace())
    })
    expect(error.code).toBe("credential_not_stored")
    expect(error.message).toContain(UNWRITABLE)
    expect(await readdir(fallbackLockFolder)).toEqual(["1.free"])
    expect(platform.logged.map(({ level, message }) => [level, message])).toEqual([
      ["warn", "The sign-in's folder is not writable; its lock is in another folder."],
    ])
  })

  it.each([
    ["without another folder for the lock", undefined],
    ["with another folder that is not writable either", "/sys/qwen-auth-test.lock"],
  ])("cannot be locked %s", async (_, fallbackLockFolder) => {
    const { process } = await shared()
    const { store } = process(1, UNWRITABLE, { fallbackLockFolder })
    const error = await failureOf(store.withLock(async () => {}))
    expect(error.code).toBe("credential_not_stored")
  })
})
