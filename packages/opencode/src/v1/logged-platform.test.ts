import { existsSync, readdirSync, readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { loggedPlatform } from "qwen-auth-local/logged-platform"
import type { LogSettings } from "qwen-auth-local/settings"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { settle, until } from "qwen-auth-testing/gate"
import { json } from "qwen-auth-testing/replies"
import { TOKENS } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { hostLogger } from "./host/host-logger.ts"
import { fakeHost } from "./testing/fake-host.ts"

const temporaryFolder = temporaryFolders()

const TOKEN = "a-token-that-nobody-may-see"
const outputs = [process.stdout, process.stderr]
beforeEach(() => {
  for (const output of outputs) vi.spyOn(output, "write")
})
afterEach(() => {
  // OpenCode's interface owns the terminal.
  for (const output of outputs) expect(output.write).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})

async function setUp(settings: Partial<LogSettings>, folderBlocked = false) {
  const folder = join(await temporaryFolder(), "qwen-plugin")
  if (folderBlocked) await writeFile(folder, "a file where the folder should be")
  const plain = fakePlatform({ rest: json(TOKENS) })
  const { client, calls } = fakeHost()
  const logs = { debug: false, requests: false, folder, ...settings }
  const platform = loggedPlatform(plain, hostLogger(client, logs.debug), logs)
  const debugFile = join(folder, "debug.log")
  return {
    folder,
    plain,
    platform,
    calls,
    debugText: () => (existsSync(debugFile) ? readFileSync(debugFile, "utf8") : ""),
    requestFiles: () => (existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : []),
  }
}

const sendRequest = (platform: Awaited<ReturnType<typeof setUp>>["platform"]) =>
  platform.fetch("https://portal.qwen.ai/v1/models", { headers: { authorization: `Bearer ${TOKEN}` } })

describe("the platform with all logs off", () => {
  it("writes errors to OpenCode's log, redacted, and creates no file", async () => {
    const { platform, calls, folder } = await setUp({})
    platform.log.debug("a detail")
    platform.log.warn("It went wrong.", { access_token: TOKEN, headers: { authorization: `Bearer ${TOKEN}` } })
    platform.log.error(`It failed with Bearer ${TOKEN}`)
    await settle()
    expect(calls.map(({ name }) => name)).toEqual(["app.log", "app.log"])
    expect(JSON.stringify(calls)).not.toContain(TOKEN)
    expect(existsSync(folder)).toBe(false)
  })

  it("has the plain platform's network, clock and random bytes", async () => {
    const { platform, plain } = await setUp({})
    expect(platform.fetch).toBe(plain.fetch)
    expect({ ...platform, log: plain.log }).toEqual({ ...plain })
  })
})

describe("the platform with debug messages on", () => {
  it("writes them to OpenCode's log and to a file, redacted in both", async () => {
    const { platform, calls, debugText } = await setUp({ debug: true })
    platform.log.debug("a detail", { refresh_token: TOKEN })
    platform.log.warn(`It went wrong with Bearer ${TOKEN}`)
    await until(() => debugText().includes("It went wrong"))
    expect(debugText()).toMatch(/ debug a detail \{.*\n.* warn It went wrong/)
    expect(calls).toHaveLength(2)
    for (const text of [debugText(), JSON.stringify(calls)]) expect(text).not.toContain(TOKEN)
  })

  it("still writes to OpenCode's log when the file cannot be written", async () => {
    const { platform, calls } = await setUp({ debug: true }, true)
    platform.log.debug("a detail")
    await settle()
    expect(calls).toHaveLength(1)
  })

  it("logs no requests", async () => {
    const { platform, plain } = await setUp({ debug: true })
    expect(platform.fetch).toBe(plain.fetch)
  })
})

describe("the platform with the request log on", () => {
  it("writes each request to a file, redacted, and returns the response unchanged", async () => {
    const { platform, plain, folder, requestFiles } = await setUp({ requests: true })
    const response = await sendRequest(platform)
    expect(await response.json()).toEqual(TOKENS)
    expect(plain.requests.map(({ url }) => url)).toEqual(["https://portal.qwen.ai/v1/models"])
    expect(plain.requests[0]?.headers.get("authorization")).toBe(`Bearer ${TOKEN}`)
    await until(() => requestFiles().length === 1)
    const [name = ""] = requestFiles()
    await until(() => readFileSync(join(folder, name), "utf8").endsWith("}"))
    const text = readFileSync(join(folder, name), "utf8")
    expect(JSON.parse(text)).toMatchObject({ method: "GET", response: { status: 200 } })
    for (const secret of [TOKEN, TOKENS.access_token, TOKENS.refresh_token]) expect(text).not.toContain(secret)
  })

  it("hides known secrets in every log, under any name", async () => {
    const { platform, calls } = await setUp({ requests: true })
    await (await sendRequest(platform)).text()
    platform.log.warn(`The server said ${TOKEN} of all things.`)
    expect(calls).toHaveLength(1)
    expect(JSON.stringify(calls)).not.toContain(TOKEN)
  })

  it("writes no debug messages", async () => {
    const { platform, calls, debugText } = await setUp({ requests: true })
    platform.log.debug("a detail")
    await settle()
    expect([calls, debugText()]).toEqual([[], ""])
  })

  it("does not disturb requests when it cannot be written, and warns once", async () => {
    const { platform, calls } = await setUp({ requests: true }, true)
    for (let n = 0; n < 2; n++) expect(await (await sendRequest(platform)).json()).toEqual(TOKENS)
    await until(() => calls.length > 0)
    await settle()
    expect(JSON.stringify(calls)).toContain("The request log cannot be written.")
    expect(calls).toHaveLength(1)
  })
})
