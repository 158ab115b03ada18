import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { account } from "qwen-auth-testing/account"
import { fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { json, text } from "qwen-auth-testing/replies"
import { DEAD_REFRESH_TOKEN, SERVER, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { createQwenFetch } from "../api/qwen-fetch.ts"
import { CredentialManager } from "../credentials/credential-manager.ts"
import { startDeviceSignIn } from "../credentials/device-sign-in.ts"
import { loggedFetch, type RequestLogEntry } from "./request-log.ts"
import { requestLogFiles } from "./request-log-files.ts"
import { secretMemory } from "./secret-memory.ts"

const temporaryFolder = temporaryFolders()
const onPosix = describe.skipIf(process.platform === "win32")

/** Returns the entry of the n-th request of a test, a second after the previous one. */
function entry(n = 0, body: unknown = "text"): RequestLogEntry {
  return {
    startedAt: new Date(START + n * 1000).toISOString(),
    totalMs: 1,
    method: "GET",
    url: `https://api.test/${n}`,
    request: { headers: {}, body },
  }
}

const name = (n: number, pid = 4242, number = 1) =>
  `${new Date(START + n * 1000).toISOString().replaceAll(":", "-")}-${pid}-${number}.json`
const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
const folder = async () => join(await temporaryFolder(), "logs", "qwen-plugin")

describe("the files of a request log", () => {
  it("are one per request, named by time, process and number", async () => {
    const path = await folder()
    const sink = requestLogFiles(fakePlatform(), path)
    await sink(entry(0))
    await sink(entry(7))
    expect((await readdir(path)).sort()).toEqual(["2026-11-02T10-00-00.000Z-4242-1.json", name(7, 4242, 2)])
    expect(JSON.parse(await readFile(join(path, name(0)), "utf8"))).toEqual(entry(0))
  })

  it("do not replace each other, even if two processes have the same id", async () => {
    const path = await folder()
    const sinks = Array.from({ length: 4 }, () => requestLogFiles(fakePlatform(), path))
    await Promise.all(sinks.map(async (sink, at) => sink(entry(0, at))))
    const names = (await readdir(path)).sort()
    expect(names).toEqual([1, 2, 3, 4].map((number) => name(0, 4242, number)))
    const texts = await Promise.all(names.map((file) => readFile(join(path, file), "utf8")))
    expect(texts.map((file) => JSON.parse(file).request.body).sort()).toEqual([0, 1, 2, 3])
  })

  it("contain no control characters", async () => {
    const path = await folder()
    await requestLogFiles(fakePlatform(), path)(entry(0, "\u009b31m\u202e"))
    expect(await readFile(join(path, name(0)), "utf8")).toContain("\\u009b31m\\u202e")
  })

  it("contain no secrets of a sign-in, a refresh or a request, and neither do their names", async () => {
    const path = await folder()
    const echoed = "refused secret-device, secret-access-2, secret-refresh-2"
    const platform = fakePlatform({
      replies: [
        json({ ...STARTED, device_code: "secret-device" }),
        json({ error: "authorization_pending" }, 400),
        json({ ...TOKENS, access_token: "secret-access-1", refresh_token: "secret-refresh-1" }),
        json({ ...TOKENS, access_token: "secret-access-2", refresh_token: "secret-refresh-2" }),
        text(echoed),
        json({ ...DEAD_REFRESH_TOKEN, hint: echoed }, 400),
      ],
    })
    const fetch = loggedFetch(platform.fetch, requestLogFiles(platform, path), platform, secretMemory())
    const logged = { ...platform, fetch }
    const credentials = new CredentialManager({ platform: logged, server: SERVER, store: memoryStore() })
    const signIn = await startDeviceSignIn({ platform: logged, server: SERVER })
    await credentials.setCredential(await signIn.wait())
    await credentials.refresh(account(await credentials.getCredential()))
    const qwenFetch = createQwenFetch({ platform: logged, credentials, userAgent: "qwen-auth/0 (test; x)" })
    await (await qwenFetch("https://api.test/v1/models")).text()
    await credentials.refresh(account(await credentials.getCredential())).catch(() => {})
    const names = await readdir(path)
    const all = await Promise.all(names.map((file) => readFile(join(path, file), "utf8")))
    expect(names).toHaveLength(6)
    expect(all.join()).toContain("authorization_pending")
    const { code_verifier: verifier = "" } = platform.requests[1]?.form ?? {}
    const { code_challenge: challenge = "" } = platform.requests[0]?.form ?? {}
    expect(verifier.length).toBeGreaterThan(40)
    for (const secret of ["secret-device", "secret-access", "secret-refresh", "ABCD-1234", verifier, challenge]) {
      expect(all.join() + names.join()).not.toContain(secret)
    }
  })
})

describe("the limits of a request log", () => {
  it("keep the newest files by count", async () => {
    const path = await folder()
    const sink = requestLogFiles(fakePlatform(), path, { files: 3, bytes: 1e6 })
    for (let n = 0; n < 8; n++) await sink(entry(n))
    expect((await readdir(path)).sort()).toEqual([name(5, 4242, 6), name(6, 4242, 7), name(7, 4242, 8)])
  })

  it("keep the newest files by size", async () => {
    const path = await folder()
    const sink = requestLogFiles(fakePlatform(), path, { files: 100, bytes: 2_500 })
    for (let n = 0; n < 5; n++) await sink(entry(n, "x".repeat(1_000)))
    expect((await readdir(path)).sort()).toEqual([name(3, 4242, 4), name(4, 4242, 5)])
  })

  it("are 100 files, including those of other and earlier processes", async () => {
    const path = await folder()
    await mkdir(path, { recursive: true })
    for (let n = 0; n < 150; n++) await writeFile(join(path, name(n, n)), "{}")
    await requestLogFiles(fakePlatform(), path)(entry(1_000))
    const names = (await readdir(path)).sort()
    expect(names).toHaveLength(100)
    expect(names[0]).toBe(name(51, 51))
  })

  it("apply to several processes together", async () => {
    const path = await folder()
    const limits = { files: 10, bytes: 1e6 }
    const sinks = [1, 2, 3].map((pid) => requestLogFiles(fakePlatform({ pid }), path, limits))
    const writes = Array.from({ length: 30 }, async (_, n) => sinks[n % 3]?.(entry(n)))
    await Promise.all(writes)
    expect(await readdir(path)).toHaveLength(10)
  })

  it("do not affect other files", async () => {
    const path = await folder()
    await mkdir(join(path, name(0, 1, 1)), { recursive: true })
    const foreign = ["debug.log", "debug.log.1", "notes.json", "2020-01-01.json", `${name(0)}.bak`]
    for (const file of foreign) await writeFile(join(path, file), "x".repeat(10_000))
    await symlink(join(path, "debug.log"), join(path, name(0, 2, 2)))
    for (const file of foreign) await utimes(join(path, file), 0, 0)
    const sink = requestLogFiles(fakePlatform(), path, { files: 1, bytes: 1_000 })
    await sink(entry(1))
    await sink(entry(2))
    expect((await readdir(path)).sort()).toEqual([...foreign, name(0, 1, 1), name(0, 2, 2), name(2, 4242, 2)].sort())
  })
})

onPosix("the request log is readable only by its owner", () => {
  it("when it is created", async () => {
    const path = await folder()
    await requestLogFiles(fakePlatform(), path)(entry())
    expect(await mode(join(path, name(0)))).toBe("600")
    expect([await mode(path), await mode(join(path, ".."))]).toEqual(["700", "700"])
  })

  it("when its folder already exists", async () => {
    const path = await temporaryFolder()
    await chmod(path, 0o755)
    await requestLogFiles(fakePlatform(), path)(entry())
    expect(await mode(path)).toBe("700")
  })

  it("because symbolic links are not followed", async () => {
    const path = await folder()
    await mkdir(path, { recursive: true })
    const target = join(path, "target")
    await symlink(target, join(path, name(0)))
    await requestLogFiles(fakePlatform(), path)(entry())
    expect((await readdir(path)).sort()).toEqual([name(0), name(0, 4242, 2)])
    expect((await lstat(join(path, name(0)))).isSymbolicLink()).toBe(true)
  })
})

describe("a request log that cannot be written", () => {
  it("is reported once per process", async () => {
    const file = join(await temporaryFolder(), "file")
    await writeFile(file, "")
    const path = join(file, "logs")
    const platform = fakePlatform()
    for (const sink of [requestLogFiles(platform, path), requestLogFiles(platform, path)]) {
      await sink(entry(1))
      await sink(entry(2))
    }
    const fields = { folder: path, code: "ENOTDIR" }
    expect(platform.logged).toEqual([{ level: "warn", message: "The request log cannot be written.", fields }])
  })

  it("is written as soon as that is possible", async () => {
    const parent = join(await temporaryFolder(), "file")
    await writeFile(parent, "")
    const platform = fakePlatform()
    const sink = requestLogFiles(platform, join(parent, "logs"))
    await sink(entry(1))
    await rm(parent)
    await sink(entry(2))
    expect(await readdir(join(parent, "logs"))).toEqual([name(2)])
  })
})
