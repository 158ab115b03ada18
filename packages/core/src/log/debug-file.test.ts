import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { debugFile } from "./debug-file.ts"

const temporaryFolder = temporaryFolders()
const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

/** Returns a debug file in a folder that does not exist yet. */
async function setUp(maxBytes?: number) {
  const folder = join(await temporaryFolder(), "logs", "qwen-plugin")
  const platform = fakePlatform()
  const log = debugFile(platform, folder, maxBytes)
  const path = join(folder, "debug.log")
  return { folder, platform, log, path, text: () => readFile(path, "utf8") }
}

describe("the debug file", () => {
  it("has a line for each message, in order", async () => {
    const { platform, log, text } = await setUp()
    log.debug("Refreshing the access token.", { expiresAt: 1 })
    platform.pass(1_500)
    log.warn("Slow.")
    log.error("Over.", { error: new Error("no") })
    await log.flush()
    expect(await text()).toBe(
      [
        '2026-11-02T10:00:00.000Z debug Refreshing the access token. {"expiresAt":1}',
        "2026-11-02T10:00:01.500Z warn Slow.",
        '2026-11-02T10:00:01.500Z error Over. {"error":{"name":"Error","message":"no"}}',
        "",
      ].join("\n"),
    )
  })

  it("keeps existing lines", async () => {
    const { folder, platform, log, text } = await setUp()
    log.debug("one")
    await log.flush()
    log.debug("two")
    debugFile(platform, folder).debug("three")
    await log.flush()
    const other = debugFile(platform, folder)
    other.debug("four")
    await other.flush()
    expect((await text()).match(/one|two|four/g)).toEqual(["one", "two", "four"])
  })

  it("contains no secrets", async () => {
    const { log, text } = await setUp()
    log.debug("sent Bearer s3cr3t-1", { access_token: "s3cr3t-2", url: "https://a.test/?user_code=s3cr3t-3" })
    await log.flush()
    expect(await text()).toContain('sent [redacted] {"access_token":"[redacted]","url":"https://a.test/?user_code=')
    expect(await text()).not.toContain("s3cr3t")
  })

  it("has one line of bounded length without control characters for each message", async () => {
    const { log, text } = await setUp()
    log.debug("one\n2026 error two\u001b[31m\u202e", { a: "\u009b31m\nb", long: "x ".repeat(100_000) })
    await log.flush()
    const lines = (await text()).split("\n")
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/ debug one 2026 error two \{"a":"\\u009b31m\\nb","long":"x x /)
    expect(lines[0]).toHaveLength(64 * 1024)
  })

  it("accepts fields that cannot be written as JSON", async () => {
    const { log, text } = await setUp()
    const loop: Record<string, unknown> = { big: 1n }
    loop["loop"] = loop
    log.debug("odd", loop)
    await log.flush()
    expect(await text()).toContain('odd {"big":"1","loop":')
  })
})

describe("the size of the debug file", () => {
  it("is bounded: the full file replaces the previous one", async () => {
    const { folder, log, text } = await setUp(200)
    for (const letter of "abcdef") {
      log.debug(`${letter} `.repeat(30))
      await log.flush()
    }
    expect((await readdir(folder)).sort()).toEqual(["debug.log", "debug.log.1"])
    expect((await text()).match(/[a-f] /g)?.[0]).toBe("e ")
    expect((await readFile(join(folder, "debug.log.1"), "utf8")).match(/debug [a-f]/g)).toEqual(["debug c", "debug d"])
    expect((await stat(join(folder, "debug.log"))).size).toBeLessThan(200)
  })

  it("is 5 MiB by default", async () => {
    const { folder, log, path } = await setUp()
    await mkdir(folder, { recursive: true })
    await writeFile(path, Buffer.alloc(5 * 1024 * 1024 - 10))
    log.debug("one")
    await log.flush()
    expect((await stat(path)).size).toBeLessThan(100)
  })

  it("is bounded while the disk is slow", async () => {
    const { log, path } = await setUp()
    for (let n = 0; n < 2_000; n++) log.debug(String(n), { a: "x ".repeat(1_000) })
    await log.flush()
    expect((await stat(path)).size).toBeLessThan(1.1 * 1024 * 1024)
  })

  it("is bounded without broken lines when several processes write", async () => {
    const { folder, platform, path } = await setUp()
    const logs = [1, 2, 3, 4].map(() => debugFile(platform, folder))
    for (let n = 0; n < 50; n++) for (const log of logs) log.debug("whole", { n })
    await Promise.all(logs.map((log) => log.flush()))
    const lines = (await readFile(path, "utf8")).trim().split("\n")
    expect(lines).toHaveLength(200)
    expect(lines.every((line) => /^2026-11-02T10:00:00\.000Z debug whole \{"n":\d+\}$/.test(line))).toBe(true)
  })
})

describe.skipIf(process.platform === "win32")("the debug file is readable only by its owner", () => {
  it("when it is created, and when it exists with another mode", async () => {
    const { folder, log, path } = await setUp()
    log.debug("one")
    await log.flush()
    expect([await mode(path), await mode(folder)]).toEqual(["600", "700"])
    await chmod(path, 0o644)
    await chmod(folder, 0o755)
    log.debug("two")
    await log.flush()
    expect([await mode(path), await mode(folder)]).toEqual(["600", "700"])
  })

  it("because symbolic links are not followed", async () => {
    const { folder, log, path } = await setUp()
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, "target"), "")
    await symlink(join(folder, "target"), path)
    log.debug("one")
    await log.flush()
    expect(await readFile(join(folder, "target"), "utf8")).toBe("")
    expect((await lstat(path)).isSymbolicLink()).toBe(true)
  })
})

describe("a debug file that cannot be written", () => {
  it("causes no error and is written as soon as that is possible", async () => {
    const { folder, log, text } = await setUp()
    await mkdir(join(folder, ".."), { recursive: true })
    await writeFile(folder, "")
    log.debug("lost")
    await log.flush()
    await rm(folder)
    log.debug("kept")
    await log.flush()
    expect(await text()).toMatch(/^\S+ debug kept\n$/)
  })

  it("does not grow if it cannot be renamed", async () => {
    const { folder, log, path } = await setUp(100)
    await mkdir(join(folder, "debug.log.1", "x"), { recursive: true })
    await writeFile(path, "x".repeat(99))
    log.debug("one")
    await log.flush()
    expect((await stat(path)).size).toBe(99)
  })
})
