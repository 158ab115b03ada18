import { stat } from "node:fs/promises"
import { describe, expect } from "vitest"
import { converse } from "../harness/opencode/conversation.ts"
import { signInWithKey } from "../harness/opencode/key-sign-in.ts"
import { question, runOpenCode } from "../harness/opencode/opencode.ts"
import { runInTerminal, terminalMissing } from "../harness/opencode/terminal.ts"
import { type ThrowawayHome, within } from "../harness/opencode/throwaway-home.ts"
import { it, readKeyEntry } from "../harness/opencode/with-model-studio.ts"
import { opencodeBinary, opencodeMissing, writePrivately } from "../harness/opencode/with-opencode.ts"
import type { LoggedRequest } from "../harness/shared/simulator-process.ts"

const QUESTION = "What is 6 times 7?"
const PLUS = { providerID: "alibaba", modelID: "qwen3-coder-plus" }

/** Each plan and region, and what `coder-model` stands for there. */
const PLANS = [
  { plan: "coding", region: "international", place: "Coding Plan (international)", model: "qwen3.7-plus" },
  { plan: "coding", region: "china", place: "Coding Plan (China)", model: "qwen3.7-plus" },
  { plan: "token", region: "international", place: "Token Plan (international)", model: "qwen3.7-plus" },
  { plan: "token", region: "china", place: "Token Plan (China)", model: "qwen3.7-plus" },
  { plan: "payg", region: "international", place: "Pay as you go (international)", model: "qwen3.7-plus" },
  { plan: "payg", region: "hongkong", place: "Pay as you go (Hong Kong)", model: "qwen3.7-plus" },
] as const

describe.skipIf(opencodeMissing)("signing in to the real OpenCode with an API key", () => {
  for (const { plan, region, place, model } of PLANS) {
    it(`of ${place}: it is found out where it belongs, and requests go there`, async ({ simulator, opencode }) => {
      const { key, host, base_url } = await simulator.apiKey(plan, { region })
      const begun = await opencode.begin("key", { key, endpoint: "detect" })

      expect(begun?.instructions).toBe(`The key works: ${place}.`)
      expect(await opencode.finish("key")).toBe(true)
      await expectStored(opencode.home, key, base_url)
      await opencode.reload()
      expect((await opencode.ask(QUESTION)).text).toBe("6 times 7 = 42")
      const [chat] = await simulator.chats()
      expect(chat).toMatchObject({ host, body: { model } })
      expectOpenCodesOwnName(chat)
    })
  }
})

describe.skipIf(opencodeMissing ?? terminalMissing)("typing an API key into `opencode auth login`", () => {
  it("finds out where it belongs, and `opencode run` answers", async ({ simulator, home }) => {
    const { key, host, base_url } = await simulator.apiKey("coding")
    const login = await signInWithKey(home, { key })

    expect(login.output).toContain("The key works: Coding Plan (international).")
    expect(login.output).toContain("Login successful")
    await expectStored(home, key, base_url)
    const answer = await runOpenCode(opencodeBinary, home, question(QUESTION))
    expect(answer.output).toContain("6 times 7 = 42")
    const [chat] = await simulator.chats()
    expect(chat).toMatchObject({ host, body: { model: "qwen3.7-plus" } })
    expectOpenCodesOwnName(chat)
  })

  it("of a workspace: its own host is entered", async ({ simulator, opencode }) => {
    const { key, host } = await simulator.apiKey("payg", { workspace: "ws-ada" })
    const place = "The API address that the console shows"
    const login = await signInWithKey(opencode.home, { key, place, host })

    expect(login.output).toContain("Login successful")
    expect((await opencode.ask(QUESTION, PLUS)).text).toContain("42")
    expect(await simulator.chats()).toMatchObject([{ host, body: { model: "qwen3-coder-plus" } }])
  })

  it("of another plan than the one chosen: the right one is named, and nothing is stored", async ({
    simulator,
    home,
  }) => {
    const { key } = await simulator.apiKey("token", { region: "china" })
    const login = await signInWithKey(home, { key, place: "Coding Plan (international)" })

    expect(login.output).toContain("This API key belongs to Token Plan (China), not Coding Plan (international).")
    expect(login.output).not.toContain("Login successful")
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })

  it("that nobody knows: says so, and nothing is stored", async ({ home }) => {
    const login = await signInWithKey(home, { key: "sk-sp-0000000000000000" })

    expect(login.output).toMatch(/Qwen Cloud \(Model Studio\) does not accept this API key/)
    expect(login.output).not.toContain("Login successful")
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })

  it("of the wrong form: said while it is entered", async ({ home }) => {
    const login = await runInTerminal(`'${opencodeBinary}' auth login -p alibaba -m 'Model Studio API key'`, home, [
      { after: "API key (shown while you type", type: "my key\r" },
      { after: "This is not a valid Model Studio API key.", type: "\u0003" },
    ])

    expect(login.output).toContain("A key begins with sk-sp- (Coding or Token Plan)")
  })

  it("without a network: it is stored, and its place is found out at the first request", async ({
    simulator,
    opencode,
  }) => {
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
    // The plan's list of models is fetched in the background. No request detects the key's place again.
    expect(paths.filter((path) => path !== "/v1/models")).toEqual(["/v1/chat/completions"])
  })

  it("takes the place of a Qwen account, of which nothing stays behind", async ({ simulator, opencode }) => {
    const { home } = opencode
    await writePrivately(home.tokenFile, { access_token: "old-access", refresh_token: "old-refresh", expiry_date: 1 })
    const { key } = await simulator.apiKey("coding")
    await signInWithKey(home, { key })

    await expect(stat(home.tokenFile)).rejects.toThrow("ENOENT")
    expect((await opencode.ask(QUESTION)).text).toContain("42")
  })
})

describe.skipIf(opencodeMissing)("keys in the environment", () => {
  it.for([
    ["BAILIAN_CODING_PLAN_API_KEY", "coding"],
    ["BAILIAN_TOKEN_PLAN_API_KEY", "token"],
  ] as const)("%s is used when nobody is signed in", async ([variable, plan], { simulator, home }) => {
    const { key, host } = await simulator.apiKey(plan, { region: "china" })
    await converse(within(home, { [variable]: key }), async ({ ask }) => {
      expect((await ask(QUESTION)).text).toContain("42")
    })

    expect(await simulator.chats()).toMatchObject([{ host, body: { model: "qwen3.7-plus" } }])
  })

  it("DASHSCOPE_API_KEY stays OpenCode's own: its address, its models", async ({ simulator, home }) => {
    const { key, host } = await simulator.apiKey("payg")
    await converse(within(home, { DASHSCOPE_API_KEY: key }), async ({ ask }) => {
      expect((await ask(QUESTION, PLUS)).text).toContain("42")
    })

    expect(await simulator.chats()).toMatchObject([{ host, body: { model: "qwen3-coder-plus" } }])
  })

  it("a key that OpenCode itself stored stays OpenCode's own", async ({ simulator, opencode }) => {
    const { key, host } = await simulator.apiKey("payg")
    await writePrivately(opencode.home.authFile, { alibaba: { type: "api", key } })

    expect((await opencode.ask(QUESTION, PLUS)).text).toContain("42")
    expect(await simulator.chats()).toMatchObject([{ host }])
  })
})

/** OpenCode's record has the key and where it belongs, for its owner alone. */
async function expectStored(home: ThrowawayHome, key: string, baseUrl: string): Promise<void> {
  expect(await readKeyEntry(home)).toMatchObject({ key, metadata: { qwenAuth: "resolved", baseUrl } })
  expect((await stat(home.authFile)).mode & 0o777).toBe(0o600)
}

/** Plans admit coding agents by their name, and know nothing of the account's headers. */
function expectOpenCodesOwnName(request: LoggedRequest | undefined): void {
  expect(request?.headers["user-agent"]).toMatch(/^opencode\//)
  const ours = Object.keys(request?.headers ?? {}).filter((name) => name.startsWith("x-dashscope"))
  expect(ours).toEqual(["x-dashscope-cachecontrol"])
}
