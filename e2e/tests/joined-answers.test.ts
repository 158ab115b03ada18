import type { ApiKeyCredential } from "qwen-auth-core"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { FILE_PARAMETERS, FILE_PROMPT, FILE_SYSTEM } from "../harness/shared/file-tool.ts"
import { fetchWithKey, newKey, urlInSimulator } from "../harness/shared/key-client.ts"
import { scriptedStream, streamChunk } from "../harness/shared/scripted-stream.ts"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"

/** This model always thinks, so the service answers it only in streams. */
const THINKING_ONLY = "qwen3-235b-a22b-thinking-2507"
/** This model answers without streaming. */
const ORDINARY = "qwen3-coder-plus"

let simulator: SimulatorProcess
let key: ApiKeyCredential
beforeAll(async () => {
  simulator = await startSimulator()
  key = await newKey(simulator, "payg")
})
beforeEach(() =>
  simulator.control("scenario", {
    plans: { strictModels: true },
    chat: { reply: null, toolCalls: null, chunks: null, chunkDelayMs: 0, omitFinish: false },
    answers: { planChat: { queue: [], standing: null } },
  }),
)
afterAll(() => simulator.stop())

/** Asks through our fetch, as a program that does not stream. */
function ask(body: object, signal?: AbortSignal): Promise<Response> {
  // The prompt must be the same in both requests, for the same usage.
  const qwenFetch = fetchWithKey(simulator, key, { promptCache: async () => false })
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
  return qwenFetch("https://api.example.com/v1/chat/completions", signal === undefined ? init : { ...init, signal })
}

/** Asks the simulator itself. */
function askDirectly(body: object): Promise<Response> {
  return fetch(urlInSimulator(simulator, `${key.baseUrl}/chat/completions`), {
    method: "POST",
    headers: { authorization: `Bearer ${key.apiKey}` },
    body: JSON.stringify(body),
  })
}

/** The simulator's answer without streaming. Without the rules for models, every model can think. */
async function unstreamedAnswer(body: object): Promise<unknown> {
  await simulator.control("scenario", { plans: { strictModels: false } })
  const response = await askDirectly({ ...body, enable_thinking: true })
  await simulator.control("scenario", { plans: { strictModels: true } })
  expect(response.status).toBe(200)
  return response.json()
}

const chat = (content: string, rest: object = {}) => ({
  model: THINKING_ONLY,
  messages: [
    { role: "system", content: FILE_SYSTEM },
    { role: "user", content },
  ],
  ...rest,
})
const tools = [{ type: "function", function: { name: "write", parameters: FILE_PARAMETERS } }]
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
    ["a tool call", chat(FILE_PROMPT, { tools }), {}],
    ["parallel tool calls", chat("Hello", { tools }), { toolCalls }],
    ["a text beside tool calls", chat("Hello", { tools }), { toolCalls, reply: "I look it up." }],
    ["with the caller's own stream options", chat("Hello", { stream: false, stream_options: {} }), {}],
  ])("%s", async (_, body, scenario) => {
    await simulator.control("scenario", { chat: scenario })
    const response = await ask(body)
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"])
    const expected = await unstreamedAnswer(body)
    const once = { id: expect.stringMatching(/^chatcmpl-/), created: expect.any(Number) }
    expect(await response.json()).toEqual({ ...Object(expected), ...once })
  })
})

describe("an answer that fails while it is joined fails as it would without streaming", () => {
  const beginning = streamChunk({ role: "assistant", content: "The beg" })
  const inStream = (error: string) => scriptedStream(beginning + error)
  const result = async (response: Response) => ({ status: response.status, body: await response.json() })

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
    const unstreamed = await result(await ask(chat("Hello", { model: ORDINARY })))
    const joined = await result(await ask(chat("Hello")))
    expect(joined).toEqual(unstreamed)
    expect(joined.status).toBeGreaterThanOrEqual(400)
  })

  it.each<[string, object]>([
    ["a connection that breaks", { answers: { planChat: { queue: [{ pass: true, cutAfterBytes: 700 }] } } }],
    ["a stream without its last events", { chat: { omitFinish: true } }],
  ])("%s: the client gets a 503 and may try again", async (_, scenario) => {
    await simulator.control("scenario", scenario)
    const { status, body } = await result(await ask(chat("What is 6 times 7?")))
    expect([status, body]).toMatchObject([503, { error: { code: "service_unreachable" } }])
  })

  it("is rejected with the caller's reason when the caller aborts it", async () => {
    await simulator.control("scenario", { chat: { chunks: 1_000, chunkDelayMs: 20 } })
    const abort = new AbortController()
    const before = (await simulator.chats()).length
    const answer = ask(chat("Hello"), abort.signal)
    await expect.poll(async () => (await simulator.chats()).length).toBe(before + 1)
    abort.abort(new Error("stopped by the user"))
    await expect(answer).rejects.toThrow("stopped by the user")
  })
})

it("the simulator refuses the request that our fetch avoids", async () => {
  expect((await askDirectly(chat("Hello"))).status).toBe(400)
})

it("a model with open weights answers without streaming and without thinking", async () => {
  const response = await ask(chat("What is 6 times 7?", { model: "qwen3-32b" }))
  const { choices } = Object(await response.json())
  expect(choices).toMatchObject([{ message: { content: "6 times 7 = 42" }, finish_reason: "stop" }])
  expect(Object.keys(choices[0].message)).not.toContain("reasoning_content")
})
