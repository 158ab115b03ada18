import { readdir, readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import * as v from "valibot"
import { describe, expect } from "vitest"
import type { OpenCodeServer } from "../harness/opencode/opencode-server.ts"
import { startSession } from "../harness/opencode/opencode-session.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it, readKeyEntry } from "../harness/opencode/with-model-studio.ts"
import { opencodeMissing, readAuthEntry, readTokenFile } from "../harness/opencode/with-opencode.ts"
import { isOpen } from "../harness/shared/port.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"
import { signInTo } from "../harness/shared/stored-sign-in.ts"

/** The methods by their numbers, as OpenCode's desktop and web programs name them. */
const ACCOUNT = 0
const CONSOLE = 1
const KEY = 2
const SIGN_IN = "Authentication required. Please run: opencode auth login (and restart OpenCode, if you just did)"
/** All that OpenCode passes on of an error that a plugin throws. */
const REASONLESS = "Unexpected server error. Check server logs for details."

describe.skipIf(opencodeMissing)("signing in over OpenCode's HTTP interface", () => {
  it("lists the methods in order with what each asks", async ({ opencode: { server } }) => {
    const [account, console, key, ...more] = await methods(server)
    expect(account).toEqual({ type: "oauth", label: "Qwen Account (OAuth)" })
    expect(console).toMatchObject({
      type: "oauth",
      label: "Model Studio account (browser)",
      prompts: [{ type: "select", key: "site", options: [{ value: "international" }, { value: "china" }] }],
    })
    expect(console?.prompts?.[0]?.message).toContain("can cost money")
    expect(key).toMatchObject({
      type: "oauth",
      label: "Model Studio API key",
      prompts: [
        { type: "text", key: "key" },
        { type: "select", key: "endpoint" },
        { type: "text", key: "host", when: { key: "endpoint", op: "eq", value: "workspace" } },
      ],
    })
    expect(more).toEqual([])
  })

  it("account: asked twice for the end, signs in once; answers once the program has OpenCode load it anew", async ({
    simulator,
    opencode: { home, server },
  }) => {
    expect(await askOnce(server)).toEqual({ error: SIGN_IN })
    const { url, instructions, method } = await begun(server, ACCOUNT)
    const userCode = userCodeIn(url)
    expect(url).toMatch(/^https:\/\/chat\.qwen\.ai\/authorize\?user_code=/)
    expect(instructions).toContain(userCode)
    expect(method).toBe("auto")
    await simulator.press("approve", userCode)
    expect(await Promise.all([callback(server, ACCOUNT), callback(server, ACCOUNT)])).toEqual([true, true])
    expect(await callback(server, ACCOUNT)).toBe(true)

    expect(await tokenRequests(simulator)).toBe(1)
    const stored = await readTokenFile(home)
    expect(await readAuthEntry(home)).toMatchObject({ access: stored.access_token, refresh: stored.refresh_token })
    expect((await methods(server)).map(({ label }) => label)).toContain("Qwen Account already on this computer")

    // OpenCode looks for a sign-in when it first loads the provider; its programs end each login with this call.
    expect(await askOnce(server)).toEqual({ error: SIGN_IN })
    await server.post("/instance/dispose")
    expect(await askOnce(server)).toEqual({ text: "6 times 7 = 42" })
  })

  it("account already on this computer: no browser, and no request before the first question", async ({
    simulator,
    opencode: { home, server },
  }) => {
    const token = { resourceUrl: "portal.qwen.ai" }
    await simulator.control("scenario", { deviceCode: { autoApprove: true }, token })
    await signInTo(simulator, home.tokenFile)
    const found = (await methods(server)).findIndex(({ label }) => label === "Qwen Account already on this computer")
    const before = (await simulator.log()).length
    expect(await begun(server, found)).toMatchObject({ url: "", instructions: expect.stringContaining("no browser") })
    expect(await callback(server, found)).toBe(true)
    expect((await simulator.log()).length).toBe(before)
    expect(await askOnce(server)).toEqual({ text: "6 times 7 = 42" })
  })

  it("API key: a wrong form is told beside the field, a good key answers at once and in its plan", async ({
    simulator,
    opencode: { home, server },
  }) => {
    const { key, host } = await simulator.apiKey("coding", { region: "china" })
    expect(await refused(server, KEY, { key: "my key", endpoint: "detect" })).toEqual({
      name: "ProviderAuthValidationFailed",
      data: { field: "key", message: expect.stringContaining("This is not a valid Model Studio API key.") },
    })
    expect(await refused(server, KEY, { key, endpoint: "workspace", host: "evil.test" })).toEqual({
      name: "ProviderAuthValidationFailed",
      data: { field: "host", message: expect.stringContaining("is not a Model Studio API address") },
    })
    expect(await simulator.log()).toEqual([])
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")

    const { url, instructions } = await begun(server, KEY, { key, endpoint: "detect" })
    expect({ url, instructions }).toEqual({ url: "", instructions: "The key works: Coding Plan (China)." })
    expect(await Promise.all([callback(server, KEY), callback(server, KEY)])).toEqual([true, true])
    expect(await readKeyEntry(home)).toMatchObject({ key, metadata: { plan: "coding-plan", region: "china" } })
    expect(await askOnce(server)).toEqual({ text: "6 times 7 = 42" })
    expect((await simulator.log()).at(-1)).toMatchObject({ host, body: { model: "qwen3.7-plus" } })
  })

  it("API key of another plan: the answer has no reason, OpenCode's log has it, nothing is stored", async ({
    simulator,
    opencode: { home, server },
  }) => {
    const { key } = await simulator.apiKey("token", { region: "china" })
    expect(await refused(server, KEY, { key, endpoint: "0" })).toMatchObject({ data: { message: REASONLESS } })
    await logSays(home, "This API key belongs to Token Plan (China), not Coding Plan (international).")
    expect(await logOf(home)).not.toContain(key)
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })

  it("console: its key arrives, is stored and answers", async ({ simulator, opencode: { home, server } }) => {
    const { url, instructions } = await begun(server, CONSOLE, { site: "china" })
    expect(new URL(url).host).toBe("bailian.console.aliyun.com")
    expect(instructions).toContain("can cost money")
    const ended = [callback(server, CONSOLE), callback(server, CONSOLE)]
    await simulator.control("console-call", { notice: noticeIn(url), site: "china" })

    expect(await Promise.all(ended)).toEqual([true, true])
    expect(await isOpen(portIn(url))).toBe(false)
    const { key, metadata } = await readKeyEntry(home)
    expect(metadata).toMatchObject({ plan: "pay-as-you-go", region: "china" })
    expect(url + instructions + (await logOf(home))).not.toContain(key)
    expect(await askOnce(server)).toEqual({ text: "6 times 7 = 42" })
    expect((await simulator.log()).at(-1)?.host).toMatch(/\.cn-beijing\.maas\.aliyuncs\.com$/)
  })

  it("console, abandoned: the next attempt and the end of the instance each close the listener", async ({
    opencode: { home, server },
  }) => {
    const first = portIn((await begun(server, CONSOLE)).url)
    expect(await isOpen(first)).toBe(true)
    const waiting = callback(server, CONSOLE)
    const second = portIn((await begun(server, CONSOLE)).url)
    expect(await waiting).toMatchObject({ data: { message: REASONLESS } })
    expect([await isOpen(first), await isOpen(second)]).toEqual([false, true])
    await begun(server, ACCOUNT)
    expect(await isOpen(second)).toBe(false)

    const third = portIn((await begun(server, CONSOLE)).url)
    await server.post("/instance/dispose")
    await expect.poll(() => isOpen(third)).toBe(false)
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })

  it("account, abandoned: nobody polls before the end is asked for, and a new attempt ends the polling", async ({
    simulator,
    opencode: { home, server },
  }) => {
    const abandoned = userCodeIn((await begun(server, ACCOUNT)).url)
    await seconds(1.5)
    expect(await tokenRequests(simulator)).toBe(0)

    const waiting = callback(server, ACCOUNT)
    await expect.poll(() => tokenRequests(simulator)).toBeGreaterThan(0)
    const { url } = await begun(server, ACCOUNT)
    expect(await waiting).toMatchObject({ data: { message: REASONLESS } })
    const polled = await tokenRequests(simulator)
    await simulator.press("approve", abandoned)
    await seconds(1.5)
    expect(await tokenRequests(simulator)).toBe(polled)
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")

    await simulator.press("approve", userCodeIn(url))
    expect(await callback(server, ACCOUNT)).toBe(true)
    expect(await askOnce(server)).toEqual({ text: "6 times 7 = 42" })
  })

  it("account, denied: the answer has no reason, a toast and OpenCode's log have it, nothing is stored", async ({
    simulator,
    opencode: { home, server },
  }) => {
    const shown = toast(server)
    await simulator.press("deny", userCodeIn((await begun(server, ACCOUNT)).url))
    expect(await callback(server, ACCOUNT)).toMatchObject({ data: { message: REASONLESS } })
    expect(await shown).toContain("Authorization denied in the browser.")
    await logSays(home, "Authorization denied in the browser.")
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })
})

/** What OpenCode's interface shows next in a toast. */
async function toast(server: OpenCodeServer): Promise<string> {
  const events = (await server.get("/event")).body?.pipeThrough(new TextDecoderStream()).getReader()
  for (let seen = ""; ; ) {
    const { value = "", done = true } = (await events?.read()) ?? {}
    seen += value
    const [event] = /^data: .*"tui\.toast\.show".*$/m.exec(seen) ?? []
    if (event === undefined && !done) continue
    await events?.cancel()
    return event ?? ""
  }
}

const Prompt = v.looseObject({ type: v.string(), key: v.string(), message: v.string() })
const Methods = v.object({
  alibaba: v.array(v.object({ type: v.string(), label: v.string(), prompts: v.optional(v.array(Prompt)) })),
})
const Begun = v.object({ url: v.string(), instructions: v.string(), method: v.string() })
type Inputs = Readonly<Record<string, string>>

async function methods(server: OpenCodeServer) {
  return v.parse(Methods, await (await server.get("/provider/auth")).json()).alibaba
}

function authorize(server: OpenCodeServer, method: number, inputs?: Inputs): Promise<Response> {
  return server.post("/provider/alibaba/oauth/authorize", { method, ...(inputs === undefined ? {} : { inputs }) })
}

async function begun(server: OpenCodeServer, method: number, inputs?: Inputs) {
  return v.parse(Begun, await (await authorize(server, method, inputs)).json())
}

async function refused(server: OpenCodeServer, method: number, inputs: Inputs): Promise<unknown> {
  const response = await authorize(server, method, inputs)
  expect(response.ok).toBe(false)
  return response.json()
}

async function callback(server: OpenCodeServer, method: number): Promise<unknown> {
  return (await server.post("/provider/alibaba/oauth/callback", { method })).json()
}

async function askOnce(server: OpenCodeServer): Promise<{ text: string } | { error: string }> {
  const { text, error } = await (await startSession(server)).ask("What is 6 times 7?")
  return error === undefined ? { text } : { error }
}

async function tokenRequests(simulator: Simulator): Promise<number> {
  return (await simulator.log()).filter(({ path }) => path.endsWith("/oauth2/token")).length
}

async function logOf(home: ThrowawayHome): Promise<string> {
  const folder = join(home.root, "data", "opencode", "log")
  return (await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), "utf8")))).join("\n")
}

/** OpenCode writes its log a little later than it answers. */
async function logSays(home: ThrowawayHome, text: string): Promise<void> {
  await expect.poll(() => logOf(home)).toContain(text)
}

function userCodeIn(url: string): string {
  return new URL(url).searchParams.get("user_code") ?? ""
}

/** The console's address is no ordinary URL: its parameter holds a query of its own. */
function noticeIn(url: string): string {
  return /notice=(127\.0\.0\.1:\d+\?state=[0-9a-f]{32})/.exec(url)?.[1] ?? ""
}

function portIn(url: string): number {
  return Number(/notice=127\.0\.0\.1:(\d+)/.exec(url)?.[1])
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1000))
}
