import { readFile } from "node:fs/promises"
import { call, isFree } from "qwen-auth-testing/console-client"
import { until } from "qwen-auth-testing/gate"
import { json } from "qwen-auth-testing/replies"
import { credential, MINUTE, STARTED } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { afterEach, describe, expect, it } from "vitest"
import { CONSOLE_KEY_COST } from "../../shared/sign-in-texts.ts"
import { parseHostRecord } from "../host/host-record.ts"
import { authorized } from "../testing/authorized.ts"
import { messageOf } from "../testing/message-of.ts"
import { leaveSignIn, signInSetUp } from "../testing/sign-in-set-up.ts"
import { consoleMethod } from "./methods.ts"
import { signInWithQwenAccount } from "./qwen-account-sign-in.ts"

const temporaryFolder = temporaryFolders()
const running: (() => void)[] = []
afterEach(() => {
  for (const end of running.splice(0)) end()
})

const CONSOLES = {
  international: "https://modelstudio.console.alibabacloud.com",
  china: "https://bailian.console.aliyun.com",
}

/** The message of the console's page (observed). */
const HANDED_OVER = {
  access_token: "console-session",
  api_key: "sk-ws-key-of-the-test",
  base_url: "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
  workspace_id: "ws-1",
  console_site: "international",
  console_region: "ap-southeast-1",
}

async function setUp() {
  const plugin = signInSetUp(await temporaryFolder(), { autoAdvance: false, rest: json(STARTED) })
  running.push(() => plugin.attempts.cancel())
  const method = consoleMethod(plugin.methods)
  return { ...plugin, authorize: (inputs?: Record<string, string>) => authorized(method.authorize(inputs)) }
}

/** Returns the listener's port and state from the console's URL. */
function listenerOf(url: string) {
  const [, port = "", state = ""] = /notice=127\.0\.0\.1:(\d+)\?state=([0-9a-f]{32})&needapikey=true$/.exec(url) ?? []
  return { port: Number(port), state }
}

/** Sends a key as the console's page does. */
function handOver(url: string, body: Record<string, unknown>, site: keyof typeof CONSOLES = "international") {
  const { port, state } = listenerOf(url)
  const headers = { origin: CONSOLES[site], "content-type": "application/json" }
  return call(port, { method: "POST", target: `/?state=${state}`, headers, body: JSON.stringify(body) })
}

describe("the sign-in in the Model Studio console", () => {
  it.each([
    [{ site: "china" }, CONSOLES.china],
    [{ site: "international" }, CONSOLES.international],
    [{ site: "elsewhere" }, CONSOLES.international],
    [{}, CONSOLES.international],
    [undefined, CONSOLES.international],
  ])("opens the console of the chosen site: %j", async (inputs, console) => {
    const { url } = await (await setUp()).authorize(inputs)
    expect(url.startsWith(`${console}/console-login?notice=`)).toBe(true)
    expect(listenerOf(url).port).toBeGreaterThan(0)
  })

  it("says beside the URL what its key costs and what to choose without a browser", async () => {
    const { instructions } = await (await setUp()).authorize()
    expect(instructions).toContain(CONSOLE_KEY_COST)
    expect(instructions).toContain("browser on this computer")
    expect(instructions).toMatch(/Over SSH or in a container choose Model Studio API key instead\.$/)
  })

  it.each([
    ["https://maas.qwencloudapi.com/compatible-mode/v1", "pay-as-you-go", "international"],
    ["https://token-plan.maas.qwencloudapi.com/compatible-mode/v1", "token-plan", "international"],
    ["https://maas.qianwenaiapi.com/compatible-mode/v1", "pay-as-you-go", "china"],
    ["https://token-plan.maas.qianwenaiapi.com/compatible-mode/v1", "token-plan", "china"],
    ["https://ws-1.eu-central-1.maas.aliyuncs.com/compatible-mode/v1", "pay-as-you-go", "frankfurt"],
  ])("stores the plan and region of the host that was handed over: %s", async (baseUrl, plan, region) => {
    const { authorize } = await setUp()
    const { url, callback } = await authorize({ site: "international" })
    const waiting = callback()
    await handOver(url, { ...HANDED_OVER, base_url: baseUrl })
    expect(await waiting).toMatchObject({ metadata: { qwenAuth: "resolved", plan, region, baseUrl } })
  })

  it("returns the key with its workspace's endpoint and without the console's session", async () => {
    const { authorize } = await setUp()
    const { url, callback } = await authorize({ site: "international" })
    const waiting = callback()
    expect(await handOver(url, HANDED_OVER)).toMatchObject({ status: 200, text: "OK" })
    const result = await waiting
    const site = { plan: "pay-as-you-go", region: "international", baseUrl: HANDED_OVER.base_url }
    expect(result).toEqual({
      type: "success",
      key: HANDED_OVER.api_key,
      metadata: { qwenAuth: "resolved", ...site },
    })
    expect(parseHostRecord({ ...result, type: "api" })).toEqual({
      kind: "key",
      key: { apiKey: HANDED_OVER.api_key, endpoint: site },
    })
    expect(JSON.stringify(result)).not.toContain("console-session")
  })

  it("uses the site that the console names, not the chosen one", async () => {
    const { authorize } = await setUp()
    const { url, callback } = await authorize({ site: "international" })
    await handOver(url, { api_key: "sk-12345678", console_site: "domestic" }, "china")
    expect(await callback()).toMatchObject({
      metadata: { region: "china", baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1" },
    })
  })

  it("replaces the stored account", async () => {
    const { authorize, settings } = await setUp()
    await leaveSignIn(settings.tokenFile, credential())
    const { url, callback } = await authorize()
    await handOver(url, HANDED_OVER)
    await callback()
    await expect(readFile(settings.tokenFile)).rejects.toThrow("ENOENT")
  })

  it("returns the same key to two callbacks and closes the port", async () => {
    const { authorize } = await setUp()
    const { url, callback } = await authorize()
    const both = Promise.all([callback(), callback()])
    await handOver(url, HANDED_OVER)
    const [one, two] = await both
    expect(two).toBe(one)
    expect(await isFree(listenerOf(url).port)).toBe(true)
  })

  it("rejects a key for another sign-in or from another origin and keeps waiting", async () => {
    const { authorize } = await setUp()
    const { url, callback } = await authorize()
    const { port } = listenerOf(url)
    const headers = { origin: CONSOLES.international, "content-type": "application/json" }
    const body = JSON.stringify(HANDED_OVER)
    const strange = await call(port, { method: "POST", target: `/?state=${"0".repeat(32)}`, headers, body })
    expect(strange.status).toBe(403)
    const evil = { ...headers, origin: "https://evil.test" }
    const target = `/?state=${listenerOf(url).state}`
    expect((await call(port, { method: "POST", target, headers: evil, body })).status).toBe(403)
    await handOver(url, HANDED_OVER)
    expect(await callback()).toMatchObject({ type: "success" })
  })

  it("writes neither key nor state to the log", async () => {
    const { authorize, platform } = await setUp()
    const { url, callback } = await authorize()
    await handOver(url, { ...HANDED_OVER, base_url: "https://evil.test/v1" })
    await handOver(url, HANDED_OVER)
    await callback()
    const logged = JSON.stringify(platform.logged)
    expect(logged).not.toContain(HANDED_OVER.api_key)
    expect(logged).not.toContain(listenerOf(url).state)
  })
})

describe("a console that sends no key", () => {
  it("ends the sign-in after 15 minutes with a message about another method", async () => {
    const { authorize, platform } = await setUp()
    const { url, callback } = await authorize()
    const outcome = messageOf(callback())
    await until(() => platform.openWaits() > 0)
    platform.pass(15 * MINUTE)
    expect(await outcome).toMatch(
      /^Nobody approved the sign-in in the Model Studio console in time\. .*copy an API key/,
    )
    expect(await isFree(listenerOf(url).port)).toBe(true)
  })

  it("is cancelled by another sign-in, and the port is closed", async () => {
    const { authorize, signIn } = await setUp()
    const { url, callback } = await authorize()
    const outcome = messageOf(callback())
    await signInWithQwenAccount(signIn)
    expect(await outcome).toBe("Cancelled.")
    expect(await isFree(listenerOf(url).port)).toBe(true)
  })

  it("is cancelled when OpenCode ends, with or without a callback", async () => {
    for (const calling of [true, false]) {
      const { authorize, attempts } = await setUp()
      const { url, callback } = await authorize()
      const outcome = calling ? messageOf(callback()) : undefined
      attempts.cancel()
      expect(await (outcome ?? messageOf(callback()))).toBe("Cancelled.")
      expect(await isFree(listenerOf(url).port)).toBe(true)
    }
  })

  it("cancels the previous sign-in", async () => {
    const { authorize, signIn } = await setUp()
    const { callback } = await authorized(signInWithQwenAccount(signIn))
    const first = messageOf(callback())
    await authorize()
    expect(await first).toBe("Cancelled.")
  })
})
