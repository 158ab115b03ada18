import { expect, test } from "vitest"
import { deltasOf, eventsOf, listIn, messageOf, REJECTED } from "../test-support/chat-answers.ts"
import { chat, type MadeKey, made, models, readRefusal } from "../test-support/key-requests.ts"
import { objectIn, simulatorUnderTest } from "../test-support/simulator-under-test.ts"

const KINDS = [
  [{ plan: "coding" }, /^sk-sp-[0-9a-f]{32}$/, "https://coding-intl.dashscope.aliyuncs.com/v1"],
  [{ plan: "coding", region: "china" }, /^sk-sp-/, "https://coding.dashscope.aliyuncs.com/v1"],
  [{ plan: "token" }, /^sk-sp-/, "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"],
  [{ plan: "token", region: "china" }, /^sk-sp-/, "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"],
  [{ plan: "payg" }, /^sk-[0-9a-f]{32}$/, "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"],
  [{ plan: "payg", region: "china" }, /^sk-[0-9a-f]{32}$/, "https://dashscope.aliyuncs.com/compatible-mode/v1"],
  [{ plan: "payg", region: "us" }, /^sk-[0-9a-f]{32}$/, "https://dashscope-us.aliyuncs.com/compatible-mode/v1"],
  [
    { plan: "payg", region: "hongkong" },
    /^sk-[0-9a-f]{32}$/,
    "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1",
  ],
  [
    { plan: "payg", workspace: "ws-abc" },
    /^sk-ws-[0-9a-f]{32}$/,
    "https://ws-abc.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
  ],
  [
    { plan: "payg", region: "china", workspace: "llm-1" },
    /^sk-ws-/,
    "https://llm-1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
  ],
  [
    { plan: "payg", region: "tokyo", workspace: "ws-abc" },
    /^sk-ws-/,
    "https://ws-abc.ap-northeast-1.maas.aliyuncs.com/compatible-mode/v1",
  ],
] as const

test("each kind of key is valid only on its own host, for models and chat", async () => {
  const simulator = await simulatorUnderTest()
  await simulator.scenario({ plans: { codingList: "checked" } })
  const keys: MadeKey[] = []
  for (const [document, form, baseUrl] of KINDS) {
    const key = await made(simulator, { ...document })
    expect(key.key).toMatch(form)
    expect(baseUrl).toBe(key.base.replace(`${simulator.origin}/_hosts/`, "https://"))
    expect(baseUrl).toContain(`//${key.host}/`)
    keys.push(key)
  }
  for (const { base } of keys) {
    for (const { key, host } of keys) {
      const answers = [await models(base, key), await chat(base, key, { model: "qwen3.7-plus" })]
      expect(answers.map(({ ok }) => ok)).toEqual(Array(2).fill(base.includes(`/${host}/`)))
    }
  }
})

test("plan hosts refuse all other keys, and a missing one, in the same way", async () => {
  const simulator = await simulatorUnderTest()
  await simulator.scenario({ plans: { codingList: "checked" } })
  const coding = await made(simulator, { plan: "coding" })
  const token = await made(simulator, { plan: "token" })
  const payg = await made(simulator, { plan: "payg" })
  for (const base of [coding.base, token.base]) {
    for (const key of [payg.key, "sk-sp-made-up", base === coding.base ? token.key : coding.key]) {
      const response = await models(base, key)
      expect(response.status).toBe(401)
      expect(await response.json()).toEqual(REJECTED)
    }
    expect(await (await fetch(`${base}/models`)).json()).toEqual(REJECTED)
  }
})

test("pay-as-you-go hosts distinguish a plan key from a wrong one", async () => {
  const simulator = await simulatorUnderTest()
  const { base } = await made(simulator, { plan: "payg" })
  const workspace = await made(simulator, { plan: "payg", workspace: "ws-abc" })
  const elsewhere = await made(simulator, { plan: "payg", region: "us" })
  const { key: planKey } = await made(simulator, { plan: "coding" })
  const { access_token } = await simulator.signIn()
  for (const host of [base, workspace.base]) {
    const refused = await readRefusal(await chat(host, planKey))
    expect(refused).toMatchObject({ status: 403, error: { message: "invalid api-key" } })
    for (const key of [elsewhere.key, access_token, "sk-ws-made-up", ""]) {
      const message = expect.stringMatching(/^Incorrect API key provided/)
      expect(await readRefusal(await chat(host, key))).toMatchObject({ status: 401, error: { message } })
    }
  }
})

test("an API key is refused on the OAuth route", async () => {
  const simulator = await simulatorUnderTest()
  const response = await simulator.chat(await simulator.apiKey({ plan: "payg" }))
  expect(response.status).toBe(401)
  expect(await response.json()).toEqual(REJECTED)
})

test("revoked keys are refused, and a reset forgets them", async () => {
  const simulator = await simulatorUnderTest()
  await simulator.scenario({ plans: { codingList: "checked" } })
  const { key, base } = await made(simulator, { plan: "coding" })
  expect((await simulator.control("revoke-api-keys")).body).toEqual({ revoked: 1 })
  expect((await models(base, key)).status).toBe(401)
  const second = await made(simulator, { plan: "coding" })
  expect((await models(base, second.key)).status).toBe(200)
  await simulator.control("reset")
  expect((await chat(base, second.key)).status).toBe(401)
})

test.each([
  ["opencode/1.18.33", {}, 200],
  ["OPENCODE/1", {}, 200],
  ["QwenCode/0.24 (linux; x64)", {}, 200],
  ["claude-cli/2.0", {}, 200],
  ["Cline/3", {}, 200],
  ["curl/8", {}, 405],
  ["", {}, 405],
  ["my opencode/1", {}, 405],
  ["opencode/1.18.33", { "x-dashscope-authtype": "qwen-oauth" }, 405],
])(
  "the Coding Plan's chat for User-Agent %j with %j: %d; the list does not check it",
  async (agent, headers, status) => {
    const simulator = await simulatorUnderTest()
    const coding = await made(simulator, { plan: "coding" })
    const response = await chat(coding.base, coding.key, {}, { "user-agent": agent, ...headers })
    expect(response.status).toBe(status)
    if (status === 405) {
      expect(await response.json()).toEqual({ error: "Coding Plan is currently only available for Coding Agents" })
    }
    const other = await made(simulator, { plan: "token" })
    const elsewhere = await chat(other.base, other.key, { model: "glm-5" }, { "user-agent": agent, ...headers })
    expect(elsewhere.status).toBe(200)
    expect((await models(coding.base, coding.key)).status).toBe(200)
  },
)

test("a wrong key is reported before a wrong agent, and the scenario sets the agents", async () => {
  const simulator = await simulatorUnderTest()
  const { key, base } = await made(simulator, { plan: "coding" })
  expect((await chat(base, "sk-sp-wrong", {}, { "user-agent": "curl/8" })).status).toBe(401)
  await simulator.scenario({ plans: { agents: ["curl/"] } })
  expect((await chat(base, key, {}, { "user-agent": "curl/8" })).status).toBe(200)
  expect((await chat(base, key)).status).toBe(405)
  await simulator.scenario({ plans: { agents: null } })
  expect((await chat(base, key)).status).toBe(200)
})

test.each([
  ["coding", "kimi-k2.5", "qwen3.8-max", 400, "invalid_parameter_error"],
  ["token", "deepseek-v4-pro", "qwen3-coder-plus", 404, "model_not_found"],
  ["payg", "qwen3-235b-a22b-instruct-2507", "glm-5", 404, "model_not_found"],
])("plan %s lists %s and not %s, in OpenAI's form", async (plan, listed, foreign, status, code) => {
  const simulator = await simulatorUnderTest()
  const { key, base } = await made(simulator, { plan })
  const list = objectIn(await (await models(base, key)).json())
  expect(list["object"]).toBe("list")
  const entries = listIn(list["data"]).map(objectIn)
  const entry = { id: listed, object: "model", created: expect.any(Number), owned_by: expect.any(String) }
  expect(entries.find(({ id }) => id === listed)).toEqual(entry)
  expect(entries.map(({ id }) => id)).not.toContain(foreign)
  expect(await messageOf(await chat(base, key, { model: listed }))).toMatchObject({ content: "6 * 7 = 42" })
  expect(await readRefusal(await chat(base, key, { model: foreign }))).toMatchObject({
    status,
    error: { code },
  })
})

test("pay as you go also lists models that cannot chat", async () => {
  const simulator = await simulatorUnderTest()
  const { key, base } = await made(simulator, { plan: "payg" })
  const text = await (await models(base, key)).text()
  for (const model of ["text-embedding-v4", "qwen-image-plus"]) {
    expect(text).toContain(`"${model}"`)
    expect((await chat(base, key, { model })).status).toBe(404)
  }
})

test("the plans do not have the OAuth route's body rules, but require a chat request", async () => {
  const simulator = await simulatorUnderTest()
  const { key, base } = await made(simulator, { plan: "coding" })
  const loose = {
    messages: [
      { role: "system", content: "One." },
      { role: "developer", content: "Two." },
      { role: "user", content: "Hello" },
    ],
    tools: [],
    max_tokens: 1_000_000,
  }
  expect((await chat(base, key, loose)).status).toBe(200)
  expect((await chat(base, key, { messages: "Hello" })).status).toBe(400)
})

test("an ended free tier does not affect the plans", async () => {
  const simulator = await simulatorUnderTest()
  await simulator.scenario({ freeTier: "ended-401" })
  const { key, base } = await made(simulator, { plan: "payg" })
  expect((await chat(base, key)).status).toBe(200)
})

test("streams, reasoning and counts are those of the OAuth route, with the requested model's name", async () => {
  const simulator = await simulatorUnderTest()
  const { key, base } = await made(simulator, { plan: "coding" })
  const change = { model: "kimi-k2.5", stream: true, enable_thinking: true, stream_options: { include_usage: true } }
  const events = await eventsOf(await chat(base, key, change))
  expect(events.at(-1)).toBe("[DONE]")
  expect(events.at(-2)).toMatchObject({ model: "kimi-k2.5", usage: { total_tokens: expect.any(Number) } })
  const deltas = deltasOf(events)
  expect(deltas.map((delta) => delta["content"] ?? "").join("")).toBe("6 * 7 = 42")
  expect(deltas.some((delta) => typeof delta["reasoning_content"] === "string")).toBe(true)
})

test("plan answers are scripted separately from those of the OAuth route", async () => {
  const simulator = await simulatorUnderTest()
  const { key, base } = await made(simulator, { plan: "coding" })
  const { access_token } = await simulator.signIn()
  const once = (status: number) => ({ queue: [{ status, body: {} }] })
  await simulator.scenario({ answers: { planChat: once(503), planModels: once(504), chat: once(500) } })
  expect([(await chat(base, key)).status, (await chat(base, key)).status]).toEqual([503, 200])
  expect([(await models(base, key)).status, (await models(base, key)).status]).toEqual([504, 200])
  const oauth = [await simulator.chat(access_token), await simulator.chat(access_token)]
  expect(oauth.map(({ status }) => status)).toEqual([500, 200])
})

test("the scenario's reply and the firewall apply to the plans too", async () => {
  const simulator = await simulatorUnderTest()
  const { key, base } = await made(simulator, { plan: "token" })
  await simulator.scenario({ chat: { reply: "As scripted." } })
  expect(await messageOf(await chat(base, key, { model: "glm-5" }))).toMatchObject({ content: "As scripted." })
  await simulator.scenario({ firewall: true })
  expect(await (await models(base, key)).text()).toContain("aliyun_waf_aa")
})

test.each([
  [{}, "plan must be one of: coding, token, payg"],
  [{ plan: "free" }, "plan must be one of: coding, token, payg"],
  [{ plan: "coding", region: "us" }, "region of plan coding must be one of: international, china"],
  [{ plan: "token", region: "hongkong" }, "region of plan token must be one of: international, china"],
  [{ plan: "payg", region: "tokyo" }, "region of plan payg must be one of: international, china, us, hongkong"],
  [{ plan: "payg", tier: "personal" }, "tier goes with plan token"],
  [{ plan: "coding", workspace: "ws-abc" }, "workspace goes with plan payg"],
  [{ plan: "payg", workspace: "token-plan" }, "workspace must be able to stand in a host name"],
  [{ plan: "payg", site: "china" }, "Unknown key site. Known are: plan, region, workspace, tier"],
  ["payg", "The document must be an object"],
])("a key cannot be created from %j", async (document, error) => {
  const { control } = await simulatorUnderTest()
  expect(await control("api-key", document)).toMatchObject({ status: 400, body: { error } })
})
