import { existsSync, readdirSync, readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { fakeWorld } from "../../../core/src/testing/fake-world.ts"
import { settle, until } from "../../../core/src/testing/gate.ts"
import { json } from "../../../core/src/testing/replies.ts"
import { TOKENS } from "../../../core/src/testing/samples.ts"
import { temporaryFolders } from "../../../core/src/testing/temporary-folder.ts"
import type { LogSettings } from "../settings/settings.ts"
import { fakeHost } from "../testing/fake-host.ts"
import { loggedWorld } from "./logged-world.ts"

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

async function setUp(settings: Partial<LogSettings>, inTheWay = false) {
  const folder = join(await temporaryFolder(), "qwen-plugin")
  if (inTheWay) await writeFile(folder, "a file where the folder should be")
  const plain = fakeWorld({ rest: json(TOKENS) })
  const { client, calls } = fakeHost()
  const world = loggedWorld(plain, client, { debug: false, requests: false, folder, ...settings })
  const debugFile = join(folder, "debug.log")
  return {
    folder,
    plain,
    world,
    calls,
    debugText: () => (existsSync(debugFile) ? readFileSync(debugFile, "utf8") : ""),
    requestFiles: () => (existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : []),
  }
}

const ask = (world: Awaited<ReturnType<typeof setUp>>["world"]) =>
  world.fetch("https://portal.qwen.ai/v1/models", { headers: { authorization: `Bearer ${TOKEN}` } })

describe("the world with all logs off", () => {
  it("tells OpenCode's log what went wrong, redacted, and writes no file", async () => {
    const { world, calls, folder } = await setUp({})
    world.log.debug("a detail")
    world.log.warn("It went wrong.", { access_token: TOKEN, headers: { authorization: `Bearer ${TOKEN}` } })
    world.log.error(`It failed with Bearer ${TOKEN}`)
    await settle()
    expect(calls.map(({ name }) => name)).toEqual(["app.log", "app.log"])
    expect(JSON.stringify(calls)).not.toContain(TOKEN)
    expect(existsSync(folder)).toBe(false)
  })

  it("has the plain world's network, clock and dice", async () => {
    const { world, plain } = await setUp({})
    expect(world.fetch).toBe(plain.fetch)
    expect({ ...world, log: plain.log }).toEqual({ ...plain })
  })
})

describe("the world with debug messages on", () => {
  it("writes them to OpenCode's log and to a file, redacted in both", async () => {
    const { world, calls, debugText } = await setUp({ debug: true })
    world.log.debug("a detail", { refresh_token: TOKEN })
    world.log.warn(`It went wrong with Bearer ${TOKEN}`)
    await until(() => debugText().includes("It went wrong"))
    expect(debugText()).toMatch(/ debug a detail \{.*\n.* warn It went wrong/)
    expect(calls).toHaveLength(2)
    for (const text of [debugText(), JSON.stringify(calls)]) expect(text).not.toContain(TOKEN)
  })

  it("still tells OpenCode's log when the file cannot be written", async () => {
    const { world, calls } = await setUp({ debug: true }, true)
    world.log.debug("a detail")
    await settle()
    expect(calls).toHaveLength(1)
  })

  it("logs no requests", async () => {
    const { world, plain } = await setUp({ debug: true })
    expect(world.fetch).toBe(plain.fetch)
  })
})

describe("the world with the request log on", () => {
  it("writes each request to a file, redacted, and gives the answer as it came", async () => {
    const { world, plain, folder, requestFiles } = await setUp({ requests: true })
    const response = await ask(world)
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

  it("hides in every log what it has seen to be secret, however it is called there", async () => {
    const { world, calls } = await setUp({ requests: true })
    await (await ask(world)).text()
    world.log.warn(`The server said ${TOKEN} of all things.`)
    expect(calls).toHaveLength(1)
    expect(JSON.stringify(calls)).not.toContain(TOKEN)
  })

  it("writes no debug messages", async () => {
    const { world, calls, debugText } = await setUp({ requests: true })
    world.log.debug("a detail")
    await settle()
    expect([calls, debugText()]).toEqual([[], ""])
  })

  it("disturbs no request when it cannot be written, and says so once", async () => {
    const { world, calls } = await setUp({ requests: true }, true)
    for (let n = 0; n < 2; n++) expect(await (await ask(world)).json()).toEqual(TOKENS)
    await until(() => calls.length > 0)
    await settle()
    expect(JSON.stringify(calls)).toContain("The request log cannot be written.")
    expect(calls).toHaveLength(1)
  })
})
