import { type ApiKeyCredential, nodePlatform } from "qwen-auth-core"
import { createQwenFetch } from "qwen-auth-core/internal"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { type ApiKey, type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"

/** It only thinks, so the service refuses to answer it without streaming. */
const THINKING_ONLY = "qwen3-235b-a22b-thinking-2507"
/** It answers without streaming. */
const ORDINARY = "qwen3-coder-plus"

let simulator: SimulatorProcess
let key: ApiKey
beforeAll(async () => {
  simulator = await startSimulator()
  key = await simulator.apiKey("payg")
})
beforeEach(() =>
  simulator.control("scenario", {
    plans: { strictModels: true },
    chat: { reply: null, toolCalls: null, chunks: null, chunkDelayMs: 0, omitFinish: false },
    answers: { planChat: { queue: [], standing: null } },
  }),
)
afterAll(() => simulator.stop())

/** The simulator's URL for one of its hosts. */
const inSimulator = (url: string) => url.replace("https://", `${simulator.origin}/_hosts/`)

/** Asks through our fetch, as a program that does not stream. */
function ask(body: object, signal?: AbortSignal): Promise<Response> {
  const credential: ApiKeyCredential = {
    type: "api_key",
    apiKey: key.key,
    plan: "pay-as-you-go",
    region: "international",
    baseUrl: key.base_url,
  }
  const getCredential = async () => credential
  const qwenFetch = createQwenFetch({
    platform: nodePlatform({ fetch: (url, init) => fetch(inSimulator(url), init) }),
    credentials: { getCredential, refresh: getCredential, syncClock: () => {} },
    userAgent: "e2e/1.0.0",
    // The prompt must be the same in both requests, for the same usage.
    promptCache: async () => false,
  })
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
  return qwenFetch("https://api.example.com/v1/chat/completions", signal === undefined ? init : { ...init, signal })
}

/** Asks the simulator itself, without streaming. Without its rules for models, every model thinks that is told to. */
async function askDirectly(body: object): Promise<unknown> {
  await simulator.control("scenario", { plans: { strictModels: false } })
  const response = await fetch(inSimulator(`${key.base_url}/chat/completions`), {
    method: "POST",
    headers: { authorization: `Bearer ${key.key}` },
    body: JSON.stringify({ ...body, enable_thinking: true }),
  })
  await simulator.control("scenario", { plans: { strictModels: true } })
  expect(response.status).toBe(200)
  return response.json()
}

const chat = (content: string, rest: object = {}) => ({
  model: THINKING_ONLY,
  messages: [
    { role: "system", content: "You are helpful.\nWorking directory: /home/person/project" },
    { role: "user", content },
  ],
  ...rest,
})
const parameters = { type: "object", properties: { filePath: {}, content: {} }, required: ["filePath", "content"] }
const tools = [{ type: "function", function: { name: "write", parameters } }]
const toolCalls = ["read", "write", "list"].map((name, index) => ({
  name,
  arguments: { index, text: `"é🤖" ${name}` },
}))

describe("an answer that is streamed and joined is the answer without streaming", () => {
  it.each<[string, object, object]>([
    ["a text, its reasoning and its usage", chat("What is 6 times 7?"), {}],
    ["a long text", chat("Hello"), { chunks: 5_000, chunkBytes: 40 }],
    ["an empty text", chat("Hello"), { reply: "" }],
    ["letters of many bytes", chat("Hello"), { reply: "通义千问 é🤖 \n\n data: [DONE] \u2028 end" }],
    ["a tool call", chat("create a hello world file", { tools }), {}],
    ["parallel tool calls", chat("Hello", { tools }), { toolCalls }],
    ["a text beside tool calls", chat("Hello", { tools }), { toolCalls, reply: "I look it up." }],
    ["with the caller's own stream options", chat("Hello", { stream: false, stream_options: {} }), {}],
  ])("%s", async (_, body, scenario) => {
    await simulator.control("scenario", { chat: scenario })
    const response = await ask(body)
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"])
    const expected = await askDirectly(body)
    const once = { id: expect.stringMatching(/^chatcmpl-/), created: expect.any(Number) }
    expect(await response.json()).toEqual({ ...Object(expected), ...once })
  })
})

describe("an answer that fails while it is joined fails as it would without streaming", () => {
  const delta = { role: "assistant", content: "The beg" }
  const begun = `data: ${JSON.stringify({ id: "1", choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`
  const inStream = (error: string) => ({ headers: { "content-type": "text/event-stream" }, body: begun + error })
  const told = async (response: Response) => ({ status: response.status, body: await response.json() })

  it.each<[string, object, string]>([
    [
      "a rate limit",
      { status: 429, body: { error: { code: "limit_requests", message: "Requests rate limit exceeded." } } },
      'data: {"error":{"code":"limit_requests","message":"Requests rate limit exceeded."}}\n\n',
    ],
    [
      "a full context, as DashScope's own event",
      { status: 400, body: { code: "InvalidParameter", message: "Range of input length should be [1, 131072]" } },
      'id:1\nevent:error\n:HTTP_STATUS/400\ndata:{"code":"InvalidParameter","message":"Range of input length should be [1, 131072]"}\n\n',
    ],
    [
      "an error of the service",
      { status: 500, body: { error: { code: "internal_error", message: "no" } } },
      'data: {"error":{"code":"internal_error","message":"no"}}\n\n',
    ],
  ])("%s", async (_, answer, event) => {
    await simulator.control("scenario", { answers: { planChat: { queue: [answer, inStream(event)] } } })
    const unstreamed = await told(await ask(chat("Hello", { model: ORDINARY })))
    const joined = await told(await ask(chat("Hello")))
    expect(joined).toEqual(unstreamed)
    expect(joined.status).toBeGreaterThanOrEqual(400)
  })

  it.each<[string, object]>([
    ["the connection breaks", { answers: { planChat: { queue: [{ pass: true, cutAfterBytes: 700 }] } } }],
    ["it ends without an end", { chat: { omitFinish: true } }],
  ])("%s: the host may try again", async (_, scenario) => {
    await simulator.control("scenario", scenario)
    const { status, body } = await told(await ask(chat("What is 6 times 7?")))
    expect([status, body]).toMatchObject([503, { error: { code: "service_unreachable" } }])
  })

  it("the caller aborts it", async () => {
    await simulator.control("scenario", { chat: { chunks: 1_000, chunkDelayMs: 20 } })
    const abort = new AbortController()
    const asked = (await simulator.chats()).length
    const answer = ask(chat("Hello"), abort.signal)
    await expect.poll(async () => (await simulator.chats()).length).toBe(asked + 1)
    abort.abort(new Error("stopped by the person"))
    await expect(answer).rejects.toThrow("stopped by the person")
  })
})

it("the simulator refuses what our fetch avoids", async () => {
  const response = await fetch(inSimulator(`${key.base_url}/chat/completions`), {
    method: "POST",
    headers: { authorization: `Bearer ${key.key}` },
    body: JSON.stringify(chat("Hello")),
  })
  expect(response.status).toBe(400)
})

it("a model with open weights answers without streaming and without thinking", async () => {
  const response = await ask(chat("What is 6 times 7?", { model: "qwen3-32b" }))
  const { choices } = Object(await response.json())
  expect(choices).toMatchObject([{ message: { content: "6 times 7 = 42" }, finish_reason: "stop" }])
  expect(Object.keys(choices[0].message)).not.toContain("reasoning_content")
})
