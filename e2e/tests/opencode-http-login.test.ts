import { stat } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import * as v from "valibot"
import { describe, expect } from "vitest"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { openCodeLog } from "../harness/opencode/opencode-log.ts"
import type { OpenCodeServer } from "../harness/opencode/opencode-server.ts"
import { startSession } from "../harness/opencode/opencode-session.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it, readKeyEntry } from "../harness/opencode/with-model-studio.ts"
import { readAuthEntry, readTokenFile } from "../harness/opencode/with-opencode.ts"
import { isOpen } from "../harness/shared/port.ts"
import { noticeIn, userCodeIn } from "../harness/shared/sign-in-address.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"
import { signInTo } from "../harness/shared/stored-sign-in.ts"

/** The numbers of the methods, by which OpenCode's desktop and web programs call them. */
const ACCOUNT = 0
const CONSOLE = 1
const KEY = 2
const SIGN_IN = "Authentication required. Please run: opencode auth login (and restart OpenCode, if you just did)"
/** OpenCode replaces every error of a plugin by this text. */
const NO_REASON = "Unexpected server error. Check server logs for details."

describe.skipIf(opencodeMissing)("signing in over OpenCode's HTTP interface", () => {
  it("lists the methods in order with their prompts", async ({ opencode: { server } }) => {
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

  it("account: two calls for the end are one sign-in, which works after OpenCode reloads the plugin", async ({
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

    // OpenCode looks for a sign-in when it loads the provider. Its programs end each login with this call.
    expect(await askOnce(server)).toEqual({ error: SIGN_IN })
    await server.post("/instance/dispose")
    expect(await askOnce(server)).toEqual({ text: "6 times 7 = 42" })
  })

  it("existing account: needs no browser and sends no request before the first question", async ({
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

  it("API key: an invalid one is reported for its field, a valid one works at once", async ({
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

  it("API key of another plan: the reason is in OpenCode's log, and nothing is stored", async ({
    simulator,
    opencode: { home, server },
  }) => {
    const { key } = await simulator.apiKey("token", { region: "china" })
    expect(await refused(server, KEY, { key, endpoint: "0" })).toMatchObject({ data: { message: NO_REASON } })
    await expectInLog(home, "This API key belongs to Token Plan (China), not Coding Plan (international).")
    expect(await openCodeLog(home)).not.toContain(key)
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })

  it("console: its key is stored and works", async ({ simulator, opencode: { home, server } }) => {
    const { url, instructions } = await begun(server, CONSOLE, { site: "china" })
    expect(new URL(url).host).toBe("bailian.console.aliyun.com")
    expect(instructions).toContain("can cost money")
    const ended = [callback(server, CONSOLE), callback(server, CONSOLE)]
    await simulator.control("console-call", { notice: noticeIn(url), site: "china" })

    expect(await Promise.all(ended)).toEqual([true, true])
    expect(await isOpen(portIn(url))).toBe(false)
    const { key, metadata } = await readKeyEntry(home)
    expect(metadata).toMatchObject({ plan: "pay-as-you-go", region: "china" })
    expect(url + instructions + (await openCodeLog(home))).not.toContain(key)
    expect(await askOnce(server)).toEqual({ text: "6 times 7 = 42" })
    expect((await simulator.log()).at(-1)?.host).toMatch(/\.cn-beijing\.maas\.aliyuncs\.com$/)
  })

  it("abandoned console sign-in: the next attempt and the end of the instance close the listener", async ({
    opencode: { home, server },
  }) => {
    const first = portIn((await begun(server, CONSOLE)).url)
    expect(await isOpen(first)).toBe(true)
    const waiting = callback(server, CONSOLE)
    const second = portIn((await begun(server, CONSOLE)).url)
    expect(await waiting).toMatchObject({ data: { message: NO_REASON } })
    expect([await isOpen(first), await isOpen(second)]).toEqual([false, true])
    await begun(server, ACCOUNT)
    expect(await isOpen(second)).toBe(false)

    const third = portIn((await begun(server, CONSOLE)).url)
    await server.post("/instance/dispose")
    await expect.poll(() => isOpen(third)).toBe(false)
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })

  it("abandoned account sign-in: polling starts with the call for the end and stops with a new attempt", async ({
    simulator,
    opencode: { home, server },
  }) => {
    const abandoned = userCodeIn((await begun(server, ACCOUNT)).url)
    await sleep(1_500)
    expect(await tokenRequests(simulator)).toBe(0)

    const waiting = callback(server, ACCOUNT)
    await expect.poll(() => tokenRequests(simulator)).toBeGreaterThan(0)
    const { url } = await begun(server, ACCOUNT)
    expect(await waiting).toMatchObject({ data: { message: NO_REASON } })
    const polled = await tokenRequests(simulator)
    await simulator.press("approve", abandoned)
    await sleep(1_500)
    expect(await tokenRequests(simulator)).toBe(polled)
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")

    await simulator.press("approve", userCodeIn(url))
    expect(await callback(server, ACCOUNT)).toBe(true)
    expect(await askOnce(server)).toEqual({ text: "6 times 7 = 42" })
  })

  it("denied account sign-in: the reason is in a toast and in OpenCode's log, and nothing is stored", async ({
    simulator,
    opencode: { home, server },
  }) => {
    const shown = toast(server)
    await simulator.press("deny", userCodeIn((await begun(server, ACCOUNT)).url))
    expect(await callback(server, ACCOUNT)).toMatchObject({ data: { message: NO_REASON } })
    expect(await shown).toContain("Authorization denied in the browser.")
    await expectInLog(home, "Authorization denied in the browser.")
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })
})

/** The next toast of OpenCode's interface. */
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

/** OpenCode writes its log shortly after it answers. */
async function expectInLog(home: ThrowawayHome, text: string): Promise<void> {
  await expect.poll(() => openCodeLog(home)).toContain(text)
}

function portIn(url: string): number {
  return Number(/:(\d+)/.exec(noticeIn(url))?.[1])
}
