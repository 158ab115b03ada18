import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { atEachPause } from "qwen-auth-testing/at-each-pause"
import { failureOf } from "qwen-auth-testing/failure-of"
import { type FakePlatform, fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { json } from "qwen-auth-testing/replies"
import { credential, DEAD_REFRESH_TOKEN, HOUR, SERVER, TOKENS } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it, vi } from "vitest"
import type { OAuthCredential } from "./credential.ts"
import { CredentialManager } from "./credential-manager.ts"
import type { CredentialStore, WriteOutcome } from "./credential-store.ts"
import { tokenId } from "./former-tokens.ts"
import { qwenCodeFile } from "./qwen-code-file.ts"
import { formatStoredCredential } from "./stored-credential.ts"

const temporaryFolder = temporaryFolders()

const OLD = credential({ expiresAt: START - HOUR })
const NEW = credential({ accessToken: "access-2", refreshToken: "refresh-2" })
/** What another program stored. */
const THEIRS = credential({ accessToken: "access-3", refreshToken: "refresh-3", expiresAt: START + 5 * HOUR })

async function shared(stored?: OAuthCredential | string, platform: FakePlatform = fakePlatform()) {
  const folder = join(await temporaryFolder(), ".qwen")
  const path = join(folder, "oauth_creds.json")
  const lock = join(folder, "oauth_creds.lock")
  const put = async (content: OAuthCredential | string) => {
    const text = typeof content === "string" ? content : formatStoredCredential(content)
    await writeFile(path, text, { mode: 0o600 })
  }
  if (stored !== undefined) {
    await mkdir(folder)
    await put(stored)
  }
  const files = async () => (await readdir(folder)).sort()
  return { folder, path, lock, put, files, platform, store: qwenCodeFile(folder, { platform }) }
}

const write = (store: CredentialStore, next: OAuthCredential, meanwhile: () => Promise<unknown> = async () => {}) =>
  store.withLock(async (lock): Promise<WriteOutcome> => {
    await lock.reserveSpace()
    await meanwhile()
    return lock.write(next)
  })

describe("the sign-in shared with Qwen Code", () => {
  it("returns what was written in Qwen Code's format, and leaves no lock of Qwen Code's", async () => {
    const { store, path, files } = await shared()
    expect(await write(store, NEW)).toBe("stored")
    expect(await store.read()).toEqual({ credential: NEW })
    expect(await readFile(path, "utf8")).toBe(formatStoredCredential(NEW))
    expect(await files()).toEqual(["oauth_creds.json", "oauth_creds.json.lock"])
  })

  it("is read without a change to the folder", async () => {
    const { store, files } = await shared(OLD)
    expect(await store.read()).toEqual({ credential: OLD })
    expect(await files()).toEqual(["oauth_creds.json"])
  })

  it("is replaced under both locks, which are released after a failure", async () => {
    const { store, lock, files } = await shared(OLD)
    const failing = store.withLock(async () => {
      expect(await readFile(lock, "utf8")).toMatch(/^[0-9a-f-]{36}$/)
      expect(await files()).toContain("oauth_creds.json.lock")
      throw new Error("no")
    })
    await expect(failing).rejects.toThrow("no")
    expect(await files()).toEqual(["oauth_creds.json", "oauth_creds.json.lock"])
    expect(await write(store, NEW)).toBe("stored")
  })

  it("is not replaced while Qwen Code holds its lock", async () => {
    const changing = atEachPause(fakePlatform(), (pause) => writeFile(lock, `3f0b0f0e-8c55-4f3c-9a5e-${pause}`))
    const { store, lock } = await shared(OLD, changing)
    await writeFile(lock, "3f0b0f0e-8c55-4f3c-9a5e-0")
    expect((await failureOf(write(store, NEW))).code).toBe("credential_locked")
    expect(await store.read()).toEqual({ credential: OLD })
  })

  it("is not locked if `skipIf` returns a value while Qwen Code holds its lock", async () => {
    const { store, lock } = await shared(OLD)
    await writeFile(lock, "3f0b0f0e-8c55-4f3c-9a5e-1b1d1a1c1e1f")
    const never = () => Promise.reject(new Error("locked"))
    expect(await store.withLock<string>(never, async () => "it")).toBe("it")
  })

  it("keeps the fields of other programs, except a version", async () => {
    const { store, path } = await shared('{"id_token":"id-1","scope":"openid","version":1,"resource_url":"old.test"}')
    await write(store, credential({ resourceUrl: undefined }))
    const text = await readFile(path, "utf8")
    expect(JSON.parse(text)).toEqual({
      id_token: "id-1",
      scope: "openid",
      access_token: "access-1",
      refresh_token: "refresh-1",
      token_type: "Bearer",
      expiry_date: START + 6 * HOUR,
    })
  })

  it.skipIf(process.platform === "win32")(
    "gets a stricter mode than Qwen Code's 0644, and its folder does not",
    async () => {
      const { store, path, folder, platform } = await shared(OLD)
      await chmod(path, 0o644)
      await chmod(folder, 0o755)
      expect(await store.read()).toEqual({ credential: OLD })
      await write(store, NEW)
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      expect((await stat(folder)).mode & 0o777).toBe(0o755)
      expect(platform.logged.filter(({ level }) => level === "warn")).toHaveLength(1)
    },
  )

  it("is read again until it is complete", async () => {
    const platform = fakePlatform()
    const whole = formatStoredCredential(THEIRS)
    const writing = atEachPause(platform, async (pause) => pause === 3 && put(whole))
    const { store, put } = await shared(whole.slice(0, 40), writing)
    expect(await store.read()).toEqual({ credential: THEIRS })
    expect(platform.waits).toEqual([50, 50, 50])
  })

  it("means signed out if it stays incomplete for about 200 ms", async () => {
    const { store, platform } = await shared("{")
    expect((await store.read()).problem?.code).toBe("credential_unusable")
    expect(platform.waits).toEqual([50, 50, 50, 50])
  })
})

describe("a shared file that changes right before it is replaced", () => {
  it.each<[string, OAuthCredential | string | undefined, WriteOutcome, OAuthCredential]>([
    ["stays if another program refreshed it or signed in", THEIRS, "superseded", THEIRS],
    ["is replaced if its token expires earlier", { ...THEIRS, expiresAt: START - 2 * HOUR }, "stored", NEW],
    ["is replaced if its token is the one that we refreshed", { ...OLD, expiresAt: START + HOUR }, "stored", NEW],
    ["is replaced if it is broken", "{", "stored", NEW],
    ["is created again if it was deleted", undefined, "stored", NEW],
  ])("%s", async (_, change, outcome, left) => {
    const { store, put, path } = await shared(OLD)
    expect(await write(store, NEW, () => (change === undefined ? rm(path) : put(change)))).toBe(outcome)
    expect(await store.read()).toEqual({ credential: left })
  })

  it("stays if there was no sign-in at first", async () => {
    const { store, put } = await shared("")
    expect(await write(store, NEW, () => put(THEIRS))).toBe("superseded")
    expect(await store.read()).toEqual({ credential: THEIRS })
  })

  it("is replaced even if Qwen Code has deleted the lock that we hold", async () => {
    const { store, lock } = await shared(OLD)
    expect(await write(store, NEW, () => rm(lock))).toBe("stored")
    expect(await store.read()).toEqual({ credential: NEW })
  })

  it("is used by all programs, also by this process", async () => {
    const platform = fakePlatform({
      replies: [
        async (request) => {
          await put(THEIRS)
          return json(TOKENS)(request)
        },
      ],
    })
    const { store, put } = await shared(OLD, platform)
    const published: OAuthCredential[] = []
    const manager = new CredentialManager({
      platform,
      server: SERVER,
      store,
      publish: async (refreshed) => void published.push(refreshed),
    })
    expect(await manager.getCredential()).toEqual(THEIRS)
    expect(published).toEqual([THEIRS])
    expect(await store.read()).toEqual({ credential: THEIRS })
  })
})

/** Waits for work in the background. */
const soon = (check: () => Promise<unknown>) => vi.waitFor(check, { interval: 2, timeout: 1_900 })

describe("a shared file that vanishes after our own write", () => {
  it("is written again in the background", async () => {
    const { store, path, platform } = await shared(OLD)
    await write(store, NEW)
    await rm(path)
    platform.pass(29_000)
    expect(await store.read()).toEqual({ credential: NEW })
    await soon(async () => expect(await readFile(path, "utf8")).toBe(formatStoredCredential(NEW)))
    expect(platform.logged.map(({ level }) => level)).toEqual(["warn"])
    // Waits for the lock of that write, before the folder is removed.
    await store.withLock(async () => {})
  })

  it("is written again with the ids of the former refresh tokens", async () => {
    const { store, path } = await shared(OLD)
    const formerTokens = [tokenId(OLD.refreshToken)]
    await store.withLock((lock) => lock.write(NEW, formerTokens))
    await store.withLock(async () => {
      await rm(path)
      expect(await store.read()).toEqual({ credential: NEW, formerTokens })
    })
    expect(await store.read()).toEqual({ credential: NEW, formerTokens })
  })

  it("is written again before the lock is released", async () => {
    const { store, path } = await shared(OLD)
    await write(store, NEW)
    await store.withLock(async () => {
      await rm(path)
      expect(await store.read()).toEqual({ credential: NEW })
    })
    expect(await readFile(path, "utf8")).toBe(formatStoredCredential(NEW))
  })

  it("is written again only once for reads at the same time", async () => {
    const { store, path, platform } = await shared(OLD)
    await write(store, NEW)
    await rm(path)
    await Promise.all(Array.from({ length: 5 }, () => store.read()))
    await soon(() => readFile(path))
    await store.withLock(async () => {})
    expect(platform.logged).toHaveLength(1)
  })

  it.each([
    ["30 s have passed", 30_000],
    ["the clock was set back", -1],
  ])("is not written again if %s", async (_, ms) => {
    const { path, folder } = await shared(OLD)
    let now = START
    const store = qwenCodeFile(folder, { platform: { ...fakePlatform(), now: () => now } })
    await write(store, NEW)
    await rm(path)
    now += ms
    expect(await store.read()).toEqual({})
  })

  it("is not written again if this process signed out", async () => {
    const { store } = await shared(OLD)
    await write(store, NEW)
    await store.clear()
    expect(await store.read()).toEqual({})
  })

  it("is not written again if another program has stored its own sign-in before", async () => {
    const { store, path, put } = await shared(OLD)
    await write(store, NEW)
    await put(THEIRS)
    await store.read()
    await rm(path)
    expect(await store.read()).toEqual({})
  })

  it("is still used, with a warning, if it cannot be written again", async () => {
    const { store, folder, platform } = await shared(OLD)
    await write(store, NEW)
    await rm(folder, { recursive: true })
    await writeFile(folder, "")
    expect(await store.read()).toEqual({ credential: NEW })
    await soon(async () =>
      expect(platform.logged.map(({ message }) => message)).toEqual([
        "The sign-in that another program deleted could not be stored again.",
      ]),
    )
  })
})

it("a refused refresh does not sign out if Qwen Code stores its tokens within 3 s", async () => {
  const platform = fakePlatform({ replies: [json(DEAD_REFRESH_TOKEN, 400)] })
  const late = atEachPause(platform, async (pause) => pause === 6 && put(THEIRS))
  const { store, put } = await shared(OLD, late)
  const manager = new CredentialManager({ platform: late, server: SERVER, store })
  expect(await manager.getCredential()).toEqual(THEIRS)
})
