import { stat } from "node:fs/promises"
import { describe, expect } from "vitest"
import { converse } from "../harness/opencode/conversation.ts"
import { KEY_LOGIN, signInWithKey } from "../harness/opencode/key-sign-in.ts"
import { question, runOpenCode } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { openCodeInTerminal, terminalMissing } from "../harness/opencode/terminal.ts"
import { type ThrowawayHome, within } from "../harness/opencode/throwaway-home.ts"
import { it, readKeyEntry } from "../harness/opencode/with-model-studio.ts"
import { writePrivately } from "../harness/opencode/with-opencode.ts"
import type { LoggedRequest } from "../harness/shared/simulator-process.ts"

const QUESTION = "What is 6 times 7?"
const PLUS = { providerID: "alibaba", modelID: "qwen3-coder-plus" }

/** Some plans and regions, and the model that `coder-model` stands for there. */
const PLANS = [
  { plan: "coding", region: "international", label: "Coding Plan (international)", model: "qwen3.7-plus" },
  { plan: "coding", region: "china", label: "Coding Plan (China)", model: "qwen3.7-plus" },
  { plan: "token", region: "international", label: "Token Plan (international)", model: "qwen3.7-plus" },
  { plan: "token", region: "china", label: "Token Plan (China)", model: "qwen3.7-plus" },
  { plan: "payg", region: "international", label: "Pay as you go (international)", model: "qwen3.7-plus" },
  { plan: "payg", region: "hongkong", label: "Pay as you go (Hong Kong)", model: "qwen3.7-plus" },
] as const

describe.skipIf(opencodeMissing)("signing in to the real OpenCode with an API key", () => {
  for (const { plan, region, label, model } of PLANS) {
    it(`of ${label}: its endpoint is detected and used`, async ({ simulator, opencode }) => {
      const { key, host, base_url } = await simulator.apiKey(plan, { region })
      const begun = await opencode.begin("key", { key, endpoint: "detect" })

      expect(begun?.instructions).toBe(`The key works: ${label}.`)
      expect(await opencode.finish("key")).toBe(true)
      await expectStored(opencode.home, key, base_url)
      await opencode.reload()
      expect((await opencode.ask(QUESTION)).text).toBe("6 times 7 = 42")
      const [chat] = await simulator.chats()
      expect(chat).toMatchObject({ host, body: { model } })
      expectOpenCodesHeaders(chat)
    })
  }
})

describe.skipIf(opencodeMissing ?? terminalMissing)("typing an API key into `opencode auth login`", () => {
  it("detects its endpoint, and `opencode run` answers", async ({ simulator, home }) => {
    const { key, host, base_url } = await simulator.apiKey("coding")
    const login = await signInWithKey(home, { key })

    expect(login.output).toContain("The key works: Coding Plan (international).")
    expect(login.output).toContain("Login successful")
    await expectStored(home, key, base_url)
    const answer = await runOpenCode(home, question(QUESTION))
    expect(answer.output).toContain("6 times 7 = 42")
    const [chat] = await simulator.chats()
    expect(chat).toMatchObject({ host, body: { model: "qwen3.7-plus" } })
    expectOpenCodesHeaders(chat)
  })

  it("of a workspace takes the host that the user enters", async ({ simulator, opencode }) => {
    const { key, host } = await simulator.apiKey("payg", { workspace: "ws-ada" })
    const endpoint = "The API address that the console shows"
    const login = await signInWithKey(opencode.home, { key, endpoint, host })

    expect(login.output).toContain("Login successful")
    expect((await opencode.ask(QUESTION, PLUS)).text).toContain("42")
    expect(await simulator.chats()).toMatchObject([{ host, body: { model: "qwen3-coder-plus" } }])
  })

  it("of another plan than the chosen one names the right plan and stores nothing", async ({ simulator, home }) => {
    const { key } = await simulator.apiKey("token", { region: "china" })
    const login = await signInWithKey(home, { key, endpoint: "Coding Plan (international)" })

    expect(login.output).toContain("This API key belongs to Token Plan (China), not Coding Plan (international).")
    expect(login.output).not.toContain("Login successful")
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })

  it("that is unknown is refused, and nothing is stored", async ({ home }) => {
    const login = await signInWithKey(home, { key: "sk-sp-0000000000000000" })

    expect(login.output).toMatch(/Qwen Cloud \(Model Studio\) does not accept this API key/)
    expect(login.output).not.toContain("Login successful")
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })

  it("that is not valid is refused at the prompt", async ({ home }) => {
    const login = await openCodeInTerminal(home, KEY_LOGIN, [
      { after: "API key (shown while you type", type: "my key\r" },
      { after: "This is not a valid Model Studio API key.", type: "\u0003" },
    ])

    expect(login.output).toContain("A key begins with sk-sp- (Coding or Token Plan)")
  })

  it("without a network stores it and detects its endpoint at the first request", async ({ simulator, opencode }) => {
    const { key } = await simulator.apiKey("coding", { region: "china" })
    await simulator.control("scenario", { proxy: { down: true } })
    const login = await signInWithKey(opencode.home, { key })
    expect(login.output).toContain("The plan and region of this API key could not be detected")
    expect(login.output).toContain("Login successful")

    await simulator.control("scenario", { proxy: { down: false } })
    expect((await opencode.ask(QUESTION, PLUS)).text).toContain("42")
    const before = (await simulator.log()).length
    await opencode.reload()
    expect((await opencode.ask(QUESTION, PLUS)).text).toContain("42")
    const paths = (await simulator.log()).slice(before).map(({ path }) => path)
    // The plan's list of models is fetched in the background. No request detects the key's endpoint again.
    expect(paths.filter((path) => path !== "/v1/models")).toEqual(["/v1/chat/completions"])
  })

  it("replaces a Qwen account and removes its file", async ({ simulator, opencode }) => {
    const { home } = opencode
    await writePrivately(home.tokenFile, { access_token: "old-access", refresh_token: "old-refresh", expiry_date: 1 })
    const { key } = await simulator.apiKey("coding")
    await signInWithKey(home, { key })

    await expect(stat(home.tokenFile)).rejects.toThrow("ENOENT")
    expect((await opencode.ask(QUESTION)).text).toContain("42")
  })
})

describe.skipIf(opencodeMissing)("keys without the plugin's sign-in", () => {
  it.for([
    ["BAILIAN_CODING_PLAN_API_KEY", "coding"],
    ["BAILIAN_TOKEN_PLAN_API_KEY", "token"],
  ] as const)("in %s are used without a sign-in", async ([variable, plan], { simulator, home }) => {
    const { key, host } = await simulator.apiKey(plan, { region: "china" })
    await converse(within(home, { [variable]: key }), async ({ ask }) => {
      expect((await ask(QUESTION)).text).toContain("42")
    })

    expect(await simulator.chats()).toMatchObject([{ host, body: { model: "qwen3.7-plus" } }])
  })

  it("in DASHSCOPE_API_KEY are used by OpenCode itself", async ({ simulator, home }) => {
    const { key, host } = await simulator.apiKey("payg")
    await converse(within(home, { DASHSCOPE_API_KEY: key }), async ({ ask }) => {
      expect((await ask(QUESTION, PLUS)).text).toContain("42")
    })

    expect(await simulator.chats()).toMatchObject([{ host, body: { model: "qwen3-coder-plus" } }])
  })

  it("that OpenCode stored are used by OpenCode itself", async ({ simulator, opencode }) => {
    const { key, host } = await simulator.apiKey("payg")
    await writePrivately(opencode.home.authFile, { alibaba: { type: "api", key } })

    expect((await opencode.ask(QUESTION, PLUS)).text).toContain("42")
    expect(await simulator.chats()).toMatchObject([{ host }])
  })
})

/** Expects the key and its endpoint in OpenCode's record, which only its owner can read. */
async function expectStored(home: ThrowawayHome, key: string, baseUrl: string): Promise<void> {
  expect(await readKeyEntry(home)).toMatchObject({ key, metadata: { qwenAuth: "resolved", baseUrl } })
  expect((await stat(home.authFile)).mode & 0o777).toBe(0o600)
}

/** Expects OpenCode's name, by which plans admit it, and none of the headers for accounts. */
function expectOpenCodesHeaders(request: LoggedRequest | undefined): void {
  expect(request?.headers["user-agent"]).toMatch(/^opencode\//)
  const ours = Object.keys(request?.headers ?? {}).filter((name) => name.startsWith("x-dashscope"))
  expect(ours).toEqual(["x-dashscope-cachecontrol"])
}
