import { describe, expect } from "vitest"
import { type Conversation, converse } from "../harness/opencode/conversation.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { within } from "../harness/opencode/throwaway-home.ts"
import { it, readKeyEntry, signedInWithKey } from "../harness/opencode/with-model-studio.ts"
import { writePrivately } from "../harness/opencode/with-opencode.ts"
import { noticeIn } from "../harness/shared/sign-in-address.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

const QUESTION = "What is 6 times 7?"
const ANSWER = "6 times 7 = 42"

/** The hosts that the consoles show since September 2026. */
const HOSTS = [
  { host: "maas.qwencloudapi.com", key: "payg", plan: "pay-as-you-go", region: "international" },
  { host: "token-plan.maas.qwencloudapi.com", key: "token", plan: "token-plan", region: "international" },
  { host: "maas.qianwenaiapi.com", key: "payg", plan: "pay-as-you-go", region: "china" },
  { host: "token-plan.maas.qianwenaiapi.com", key: "token", plan: "token-plan", region: "china" },
] as const

const LOOK_ALIKES = [
  "https://maas.qwencloudapi.com.evil.test/compatible-mode/v1",
  "https://xmaas.qwencloudapi.com/compatible-mode/v1",
  "http://maas.qwencloudapi.com/compatible-mode/v1",
  "https://maas.qwencloudapi.com:8443/compatible-mode/v1",
  "https://user@maas.qwencloudapi.com/compatible-mode/v1",
]

const baseUrlOf = (host: string) => `https://${host}/compatible-mode/v1`

describe.skipIf(opencodeMissing)("the hosts that the consoles show today, in the real OpenCode", () => {
  for (const { host, key: kind, plan, region } of HOSTS) {
    it(`${host}, entered by hand, is stored and used`, async ({ simulator, opencode }) => {
      const { key } = await simulator.apiKey(kind, { region })
      const copied = ` "https://${host}/apps/anthropic/" `
      const begun = await opencode.begin("key", { key, endpoint: "workspace", host: copied })
      expect(begun?.instructions).toMatch(/^The key works: /)
      expect(await opencode.finish("key")).toBe(true)
      await expectUsed(simulator, opencode, host, key)
      expect((await readKeyEntry(opencode.home)).metadata).toMatchObject({ plan, region, baseUrl: baseUrlOf(host) })
    })

    it(`${host}, handed over by the console, is stored and used`, async ({ simulator, opencode }) => {
      const { key } = await simulator.apiKey(kind, { region })
      const begun = await opencode.begin("console", { site: region })
      const finished = opencode.finish("console")
      await handOver(simulator, begun?.url, region, { api_key: key, base_url: baseUrlOf(host) })
      expect(await finished).toBe(true)
      expect((await readKeyEntry(opencode.home)).metadata).toMatchObject({ plan, region, baseUrl: baseUrlOf(host) })
      await expectUsed(simulator, opencode, host, key)
    })

    it(`${host}, in a stored record, is used`, async ({ simulator, opencode }) => {
      const { key } = await simulator.apiKey(kind, { region })
      await signedInWithKey(opencode.home, key, { plan, region, baseUrl: baseUrlOf(host) })
      await expectUsed(simulator, opencode, host, key)
    })
  }

  for (const baseUrl of LOOK_ALIKES) {
    it(`${baseUrl} never gets a key`, async ({ simulator, opencode }) => {
      const { key } = await simulator.apiKey("payg")
      expect(await opencode.begin("key", { key, endpoint: "workspace", host: baseUrl })).toBeUndefined()

      const begun = await opencode.begin("console", { site: "international" })
      const finished = opencode.finish("console")
      await handOver(simulator, begun?.url, "international", { api_key: key, base_url: baseUrl })
      // The listener still waits for the console's real call.
      await handOver(simulator, begun?.url, "international", {})
      expect(await finished).toBe(true)
      expect((await readKeyEntry(opencode.home)).key).not.toBe(key)

      await signedInWithKey(opencode.home, key, { plan: "pay-as-you-go", region: "international", baseUrl })
      await opencode.reload()
      expect((await opencode.ask(QUESTION)).error).toContain("is not a Model Studio address")
      expect(JSON.stringify(await simulator.log())).not.toContain(key)
    })
  }
})

describe.skipIf(opencodeMissing)("keys that are already on the computer, in the real OpenCode", () => {
  it.for([
    ["ALIBABA_CODING_PLAN_API_KEY", "coding"],
    ["ALIBABA_TOKEN_PLAN_API_KEY", "token"],
    ["QWENCLOUD_API_KEY", "payg"],
  ] as const)("in %s are used without a sign-in", async ([variable, plan], { simulator, home }) => {
    const { key, host } = await simulator.apiKey(plan, { region: "china" })
    await converse(within(home, { [variable]: key }), async ({ ask }) => {
      expect((await ask(QUESTION)).text).toBe(ANSWER)
    })
    expect(await simulator.chats()).toMatchObject([{ host }])
  })

  it("of OpenCode's own providers are offered, copied when chosen, and kept", async ({ simulator, opencode }) => {
    const { key, base_url: baseUrl, host } = await simulator.apiKey("coding", { region: "china" })
    const entry = { type: "api", key }
    await writePrivately(opencode.home.authFile, { "alibaba-coding-plan-cn": entry })
    const methods = await opencode.server.get("/provider/auth")
    const listed = JSON.stringify(await methods.json())
    expect(listed).toContain("Found: API key of OpenCode's provider alibaba-coding-plan-cn")
    expect(listed).not.toContain(key)

    const chosen = { method: 3, inputs: {} }
    expect((await opencode.server.post("/provider/alibaba/oauth/authorize", chosen)).ok).toBe(true)
    expect((await opencode.server.post("/provider/alibaba/oauth/callback", chosen)).ok).toBe(true)
    expect(await readKeyEntry(opencode.home)).toMatchObject({ key, metadata: { baseUrl } })
    await opencode.reload()
    expect((await opencode.ask(QUESTION)).text).toBe(ANSWER)
    expect(await simulator.chats()).toMatchObject([{ host }])
  })
})

/** Expects that OpenCode answers, and that every request with the key went to this host. */
async function expectUsed(simulator: Simulator, opencode: Conversation, host: string, key: string): Promise<void> {
  await opencode.reload()
  expect((await opencode.ask(QUESTION)).text).toBe(ANSWER)
  const withKey = (await simulator.log()).filter(({ headers }) => headers["authorization"] === `Bearer ${key}`)
  expect(withKey.length).toBeGreaterThan(0)
  expect(new Set(withKey.map((request) => request.host))).toEqual(new Set([host]))
}

/** Plays the call of the console's page. `fields` replace those that it sends. */
async function handOver(simulator: Simulator, url: string | undefined, site: string, fields: object): Promise<void> {
  await simulator.control("console-call", { notice: noticeIn(url ?? ""), site, fields })
}
