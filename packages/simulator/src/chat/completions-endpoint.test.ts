import { expect, test } from "vitest"
import { callsOf, deltasOf, eventsOf, listIn, messageOf, REJECTED } from "../test-support/chat-answers.ts"
import { objectIn, simulatorUnderTest, system } from "../test-support/simulator-under-test.ts"

test("an unknown and a missing token are 401, word for word", async () => {
  const { origin, chat } = await simulatorUnderTest()
  const bare = await fetch(`${origin}/v1/chat/completions`, { method: "POST", body: "{}" })
  for (const response of [await chat("made-up"), bare]) {
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual(REJECTED)
  }
})

test.each([
  ["ended-401", 401, REJECTED],
  ["ended-429", 429, { error: { code: "insufficient_quota", message: /^You exceeded your current quota, / } }],
  ["ended-403", 403, { error: { message: "Free allocated quota exceeded." } }],
])("freeTier %s refuses a fresh token", async (freeTier, status, body) => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  const { access_token } = await signIn()
  await scenario({ freeTier })
  const response = await chat(access_token)
  expect(response.status).toBe(status)
  const answered = objectIn(await response.json())
  const message = body.error.message
  if (message instanceof RegExp) expect(objectIn(answered["error"])["message"]).toMatch(message)
  else expect(answered).toMatchObject(body)
})

test("an answer in one document has consistent counts", async () => {
  const { clock, signIn, chat } = await simulatorUnderTest()
  const { access_token } = await signIn()
  const response = await chat(access_token)
  expect(response.headers.get("content-type")).toBe("application/json")
  const body = objectIn(await response.json())
  expect(body).toMatchObject({
    object: "chat.completion",
    model: "coder-model",
    created: clock.now() / 1000,
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant" } }],
  })
  const usage = objectIn(body["usage"])
  expect(usage["total_tokens"]).toBe(Number(usage["prompt_tokens"]) + Number(usage["completion_tokens"]))
})

test("a stream has role, pieces of text, finish reason, usage and [DONE], even if Accept requests JSON", async () => {
  const { signIn, chat } = await simulatorUnderTest()
  const { access_token } = await signIn()
  const response = await chat(access_token, { stream: true, stream_options: { include_usage: true } })
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8")
  const events = await eventsOf(response)
  expect(events.at(-1)).toBe("[DONE]")
  expect(events.at(-2)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } })
  expect(events.at(-3)).toMatchObject({ choices: [{ delta: { content: "" }, finish_reason: "stop" }], usage: null })
  const deltas = deltasOf(events)
  expect(deltas[0]).toEqual({ role: "assistant", content: "" })
  expect(deltas.length).toBeGreaterThan(5)

  const whole = await messageOf(await chat(access_token))
  expect(deltas.map((delta) => delta["content"]).join("")).toBe(whole["content"])
  expect(new Set(events.filter((event) => typeof event !== "string").map((event) => event["id"])).size).toBe(1)
})

test("without include_usage a stream has no usage", async () => {
  const { signIn, chat } = await simulatorUnderTest()
  const { access_token } = await signIn()
  const events = await eventsOf(await chat(access_token, { stream: true }))
  expect(events.at(-2)).toMatchObject({ choices: [{ finish_reason: "stop" }] })
})

test.each([
  ["the request asks for it", { enable_thinking: true }, {}],
  ["the scenario does", {}, { reasoning: true }],
])("reasoning is sent before the text when %s", async (_case, change, scenarioChat) => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  await scenario({ chat: scenarioChat })
  const { access_token } = await signIn()
  const deltas = deltasOf(await eventsOf(await chat(access_token, { stream: true, ...change })))
  const kinds = deltas.slice(1, -1).map((delta) => (delta["content"] === null ? "thought" : "text"))
  expect(kinds).toEqual([...kinds].sort().reverse())
  expect(new Set(kinds).size).toBe(2)
  const message = await messageOf(await chat(access_token, change))
  expect(deltas.map((delta) => delta["reasoning_content"] ?? "").join("")).toBe(message["reasoning_content"])
})

test("scripted tool calls are sent in fragments or whole, in parallel, and not again after their result", async () => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  const toolCalls = [
    { name: "look", arguments: { at: "the first thing there is" } },
    { name: "look", arguments: { at: "the second" } },
  ]
  await scenario({ chat: { toolCalls } })
  const { access_token } = await signIn()
  const message = await messageOf(await chat(access_token))
  expect(callsOf(message)).toEqual(toolCalls)

  const events = await eventsOf(await chat(access_token, { stream: true }))
  expect(events.at(-2)).toMatchObject({ choices: [{ finish_reason: "tool_calls" }] })
  const pieces = deltasOf(events).flatMap((delta) => listIn(delta["tool_calls"] ?? []).map(objectIn))
  const first = pieces.filter((piece) => piece["index"] === 0)
  expect(first[0]).toEqual({
    index: 0,
    id: expect.stringMatching(/^call_/),
    type: "function",
    function: { name: "look", arguments: "" },
  })
  expect(first.length).toBeGreaterThan(2)
  expect(JSON.parse(first.map((piece) => objectIn(piece["function"])["arguments"]).join(""))).toEqual(
    toolCalls[0]?.arguments,
  )

  const calls = listIn(message["tool_calls"]).map(objectIn)
  const results = calls.map((call) => ({ role: "tool", tool_call_id: call["id"], content: "a tree" }))
  const after = await messageOf(
    await chat(access_token, { messages: [system("a"), { role: "user", content: "Look" }, message, ...results] }),
  )
  expect(after["content"]).toBe("The look tool answered: a tree The look tool answered: a tree")
  expect(after).not.toHaveProperty("tool_calls")
})

test("the prompt cache works on the OAuth route too, from the second marked request on, with any token", async () => {
  const { signIn, chat } = await simulatorUnderTest()
  const text = "a long prompt ".repeat(400)
  const cached = async (part: object) => {
    const { access_token } = await signIn()
    const messages = [
      { role: "system", content: [{ type: "text", text, ...part }] },
      { role: "user", content: "Hi" },
    ]
    const response = await chat(access_token, { messages }, { "x-dashscope-cachecontrol": "enable" })
    const usage = objectIn(objectIn(await response.json())["usage"])
    return objectIn(usage["prompt_tokens_details"])["cached_tokens"]
  }
  const marked = { cache_control: { type: "ephemeral" } }
  expect([await cached({}), await cached({}), await cached(marked), await cached(marked)]).toEqual([0, 0, 0, 1404])
})

test("the scenario sets the reply, and can end a stream without its last events", async () => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  await scenario({ chat: { reply: "As scripted.", omitFinish: true } })
  const { access_token } = await signIn()
  const events = await eventsOf(await chat(access_token, { stream: true, stream_options: { include_usage: true } }))
  expect(deltasOf(events).map((delta) => delta["content"])).toEqual(["", "As ", "scripted."])
  expect(events).not.toContain("[DONE]")
})

test("a stream has the requested number of pieces", async () => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  await scenario({ chat: { chunks: 10_000, chunkBytes: 20 } })
  const { access_token } = await signIn()
  const deltas = deltasOf(await eventsOf(await chat(access_token, { stream: true })))
  expect(deltas).toHaveLength(10_002)
  expect(String(deltas[5_000]?.["content"])).toHaveLength(20)
})

test("chunkDelayMs spreads a stream over time", async () => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  await scenario({ chat: { reply: "one two three", chunkDelayMs: 5 } })
  const { access_token } = await signIn()
  const started = performance.now()
  await (await chat(access_token, { stream: true })).text()
  expect(performance.now() - started).toBeGreaterThan(12)
})

test("models: a list for a good token, 401 for others", async () => {
  const { origin, signIn } = await simulatorUnderTest()
  const { access_token } = await signIn()
  const models = (token: unknown) => fetch(`${origin}/v1/models`, { headers: { authorization: `Bearer ${token}` } })
  const listed = objectIn(await (await models(access_token)).json())
  expect(listed["object"]).toBe("list")
  expect(listIn(listed["data"]).map((model) => objectIn(model)["id"])).toContain("coder-model")
  expect((await models("made-up")).status).toBe(401)
})
