import { mkdir, readdir, readFile, rm, statfs, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { type CredentialStore, credentialFile, type OAuthCredential, qwenCodeFile } from "qwen-auth-core"
import { debugFile, PAY_AS_YOU_GO, requestLogFiles } from "qwen-auth-core/internal"
import { keyEndpointCache } from "qwen-auth-local/key-endpoint-cache"
import { modelListCache } from "qwen-auth-local/model-list-cache"
import { fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { afterAll, beforeEach, describe, expect, it } from "vitest"
import { useExistingSignIn } from "../../packages/opencode/src/v1/sign-in/existing-sign-in.ts"
import {
  leaveFile,
  leaveSignIn,
  qwenCodeFileIn,
  signInSetUp,
} from "../../packages/opencode/src/v1/testing/sign-in-set-up.ts"
import { mountSmallDisk } from "../harness/shared/small-disk.ts"

const KIB = 1024
/** The free space on the disk before a file is written, KiB. */
const FREE = Array.from({ length: 17 }, (_, n) => n * 4)
/** The new content of each file: several pages and a part of one. */
const LONG = "x".repeat(21 * KIB + 77)

const disk = mountSmallDisk()
afterAll(() => disk?.remove())
const folder = disk?.folder ?? ""
beforeEach(async () => {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true })
})

const signIn = (token: string): OAuthCredential => ({
  type: "oauth",
  accessToken: token,
  refreshToken: token.toUpperCase(),
  resourceUrl: undefined,
  expiresAt: START + 3_600_000,
})
const OLD = signIn("old")
const NEW = signIn("x".repeat(11 * KIB))

const freeKiB = async () => {
  const { bavail, bsize } = await statfs(folder)
  return (bavail * bsize) / KIB
}

/** Fills the disk except for `left` KiB. */
async function leaveFree(left: number): Promise<void> {
  await writeFile(join(folder, "ballast"), Buffer.alloc(((await freeKiB()) - left) * KIB))
  expect(await freeKiB()).toBe(left)
}

/** The files on the disk, by their paths in it. */
async function files(): Promise<string[]> {
  const found = await readdir(folder, { withFileTypes: true, recursive: true })
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** A file with an old content, and the change of it. */
interface ChangedFile {
  readonly file: string
  readonly change: () => Promise<unknown>
}

const ownFile = () => join(folder, "qwen", "oauth_token.json")
const qwenCodeFolder = () => join(folder, ".qwen")

async function storedIn(
  file: string,
  store: CredentialStore,
): Promise<ChangedFile & { readonly store: CredentialStore }> {
  await store.withLock((lock) => lock.write(OLD))
  return { file, store, change: () => store.withLock((lock) => lock.write(NEW)) }
}
const ownSignIn = () => storedIn(ownFile(), credentialFile(ownFile(), { platform: fakePlatform() }))

const cache = async (change: (content: string) => Promise<unknown>): Promise<ChangedFile> => {
  await mkdir(join(folder, "cache"))
  await change("old")
  return { file: join(folder, "cache", "file.json"), change: () => change(LONG) }
}
const cacheFile = () => join(folder, "cache", "file.json")

const REPLACED: readonly (readonly [string, () => Promise<ChangedFile>])[] = [
  ["the sign-in", ownSignIn],
  [
    "the sign-in with reserved space",
    async () => {
      const { store, file } = await ownSignIn()
      const change = () =>
        store.withLock(async (lock) => {
          await lock.reserveSpace()
          return lock.write(NEW)
        })
      return { file, change }
    },
  ],
  [
    "Qwen Code's sign-in",
    () => storedIn(qwenCodeFileIn(folder), qwenCodeFile(qwenCodeFolder(), { platform: fakePlatform() })),
  ],
  [
    "the copy of a file that was not a sign-in",
    async () => {
      const { file, change } = await ownSignIn()
      await writeFile(`${file}.unusable`, "the one before")
      await writeFile(file, `junk ${LONG}`)
      return { file: `${file}.unusable`, change }
    },
  ],
  [
    "the configuration with the choice of the sign-in",
    async () => {
      const { signIn: options, settings } = signInSetUp(folder)
      await leaveSignIn(settings.tokenFile, OLD)
      await leaveSignIn(qwenCodeFileIn(folder), OLD)
      await leaveFile(settings.authConfigFile, JSON.stringify({ qwenMode: false, note: LONG }))
      return { file: settings.authConfigFile, change: () => useExistingSignIn(options, "qwen-code") }
    },
  ],
  [
    "the endpoints of keys",
    () => {
      const endpoints = keyEndpointCache(cacheFile(), fakePlatform().log)
      const baseUrl = PAY_AS_YOU_GO.endpoints[0]?.baseUrl ?? ""
      return cache((content) =>
        endpoints.remember(content, {
          plan: "pay-as-you-go",
          region: "international",
          baseUrl: `${baseUrl}?${content}`,
        }),
      )
    },
  ],
  [
    "the lists of models",
    () => {
      const { now, log } = fakePlatform({ autoAdvance: false })
      const ids = (content: string) => Array.from({ length: content.length / 8 + 1 }, (_, n) => `model-${n}`)
      return cache((content) => modelListCache(cacheFile(), now, log).remember("https://api.test/v1", ids(content)))
    },
  ],
]

describe.skipIf(disk === undefined)("on a small disk (needs Linux and root)", () => {
  describe.each(REPLACED)("%s", (_, setUp) => {
    it("has its complete old or new content for any amount of free space", async () => {
      const unlimited = await setUp()
      const old = await readFile(unlimited.file, "utf8")
      await unlimited.change()
      const whole = await readFile(unlimited.file, "utf8")
      expect(whole).not.toBe(old)

      const seen = new Map<number, string>()
      for (const free of FREE) {
        for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true })
        const { file, change } = await setUp()
        await leaveFree(free)
        await change().catch(() => {})
        const now = await readFile(file, "utf8")
        seen.set(free, now === old ? "old" : now === whole ? "new" : `neither: ${now.length} characters`)
        expect((await files()).filter((path) => path.endsWith(".tmp"))).toEqual([])
      }
      expect(new Set(seen.values())).toEqual(new Set(["old", "new"]))
      expect([seen.get(0), seen.get(64)]).toEqual(["old", "new"])
    })
  })

  it.each(FREE)("with %i KiB free, a sign-in is reported as stored only if it is", async (free) => {
    const { store } = await ownSignIn()
    await leaveFree(free)
    const outcome = await store.withLock((lock) => lock.write(NEW)).catch((error: Error) => error)
    const { credential } = await store.read()
    expect(credential).toEqual(outcome === "stored" ? NEW : OLD)
    if (outcome !== "stored") expect(outcome).toMatchObject({ code: "credential_not_stored" })
    await rm(join(folder, "ballast"))
    expect(await store.withLock((lock) => lock.write(NEW))).toBe("stored")
  })

  it.each(FREE)("with %i KiB free, reserved space stays available when the disk fills up", async (free) => {
    const { store } = await ownSignIn()
    const largest = { ...signIn("x".repeat(16 * KIB)), refreshToken: "y".repeat(16 * KIB) }
    await leaveFree(free)
    const change = store.withLock(async (lock) => {
      await lock.reserveSpace()
      await writeFile(join(folder, "more"), Buffer.alloc(100 * KIB)).catch(() => {})
      expect(await freeKiB()).toBe(0)
      return lock.write(largest)
    })
    const outcome = await change.catch((error: unknown) => error)
    if (free >= 40) expect(outcome).toBe("stored")
    else expect(outcome).toMatchObject({ code: "credential_not_stored" })
    expect((await store.read()).credential).toEqual(free >= 40 ? largest : OLD)
  })

  it.each(FREE)(
    "with %i KiB free, the lock is released and acquired again, with and without Qwen Code",
    async (free) => {
      for (const store of [(await ownSignIn()).store, qwenCodeFile(qwenCodeFolder(), { platform: fakePlatform() })]) {
        await leaveFree(free)
        for (const _ of ["first", "second"]) expect(await store.withLock(({ isHeld }) => isHeld())).toBe(true)
        await rm(join(folder, "ballast"))
      }
      expect((await files()).filter((path) => path.endsWith("oauth_creds.lock"))).toEqual([])
    },
  )

  it.each(FREE)("with %i KiB free, debug.log keeps its lines, and the next line is complete", async (free) => {
    const path = join(folder, "logs", "debug.log")
    const log = debugFile(fakePlatform({ autoAdvance: false }), dirname(path))
    log.debug("before")
    await log.flush()
    const before = await readFile(path, "utf8")
    await leaveFree(free)
    log.debug("long", { text: "word ".repeat(5 * KIB) })
    await log.flush()
    expect((await readFile(path, "utf8")).startsWith(before)).toBe(true)
    await rm(join(folder, "ballast"))
    log.debug("after")
    await log.flush()
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n")
    expect([lines[0], lines.at(-1)]).toEqual([before.trimEnd(), before.trimEnd().replace("before", "after")])
    if (free === 64) expect(lines[1]).toMatch(/ word "\}$/)
  })

  it.each(FREE)("with %i KiB free, the rotated debug.log is complete", async (free) => {
    const path = join(folder, "logs", "debug.log")
    const log = debugFile(fakePlatform({ autoAdvance: false }), dirname(path), 100)
    log.debug("before ".repeat(20))
    await log.flush()
    const before = await readFile(path, "utf8")
    await leaveFree(free)
    log.debug("after", { text: LONG })
    await log.flush()
    expect(await readFile(`${path}.1`, "utf8")).toBe(before)
  })

  it.each(FREE)("with %i KiB free, each file of the request log is complete", async (free) => {
    const logs = join(folder, "logs")
    const sink = requestLogFiles(fakePlatform(), logs)
    const entry = (url: string) => ({
      startedAt: new Date(START).toISOString(),
      totalMs: 1,
      method: "GET",
      url: `https://api.test/${url}`,
      request: { headers: {}, body: LONG },
    })
    await sink(entry("before"))
    await leaveFree(free)
    await sink(entry("after"))
    const texts = await Promise.all((await readdir(logs)).sort().map((name) => readFile(join(logs, name), "utf8")))
    expect(texts.map((text) => JSON.parse(text).url)).toEqual(
      free >= 24 ? ["https://api.test/before", "https://api.test/after"] : ["https://api.test/before"],
    )
  })
})
