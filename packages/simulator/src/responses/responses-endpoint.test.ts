import { expect, test } from "vitest"
import type { JsonObject } from "../json.ts"
import { listIn, typedEventsOf } from "../test-support/chat-answers.ts"
import { made } from "../test-support/key-requests.ts"
import { objectIn, simulatorUnderTest } from "../test-support/simulator-under-test.ts"

const WRITE = {
  type: "function",
  name: "write",
  parameters: { type: "object", properties: { path: {}, content: {} }, required: ["path", "content"] },
}

/** Sends a request to the Responses endpoint of a key's host. The body is merged into a valid one. */
async function requestsTo(document: JsonObject) {
  const simulator = await simulatorUnderTest()
  const { key, base } = await made(simulator, document)
  const ask = (change: JsonObject = {}) =>
    fetch(`${base}/responses`, {
      method: "POST",
      headers: { "user-agent": "opencode/1.18.33", authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: "qwen3.7-plus", enable_thinking: false, input: "What is 6 * 7?", ...change }),
    })
  return { simulator, ask }
}

/** The events of a stream, which are numbered. */
async function eventsOf(response: Response): Promise<JsonObject[]> {
  const events = await typedEventsOf(response)
  expect(events.map((event) => event["sequence_number"])).toEqual([...events.keys()])
  return events
}

function outputOf(response: unknown): JsonObject[] {
  return listIn(objectIn(response)["output"]).map(objectIn)
}

test.each([{ plan: "token" }, { plan: "payg" }])("a key of %j gets a response", async (plan) => {
  const { ask } = await requestsTo(plan)
  const content = [{ type: "output_text", text: "6 * 7 = 42", annotations: [] }]
  expect(await (await ask({ instructions: "Be kind." })).json()).toMatchObject({
    id: expect.stringMatching(/^resp_/),
    object: "response",
    status: "completed",
    model: "qwen3.7-plus",
    output: [{ type: "message", role: "assistant", status: "completed", content }],
    usage: { input_tokens: expect.any(Number), input_tokens_details: { cached_tokens: 0 }, output_tokens: 3 },
  })
})

test("the Coding Plan has no Responses endpoint", async () => {
  const { ask } = await requestsTo({ plan: "coding" })
  expect((await ask()).status).toBe(404)
})

test("a stream has the content of the document in pieces", async () => {
  const { ask } = await requestsTo({ plan: "payg" })
  const whole = objectIn(await (await ask({ enable_thinking: true })).json())
  const events = await eventsOf(await ask({ enable_thinking: true, stream: true }))
  expect(events[0]).toMatchObject({ type: "response.created", response: { status: "in_progress", output: [] } })
  const joined = (type: string) =>
    events.map((event) => (event["type"] === `response.${type}.delta` ? event["delta"] : "")).join("")
  const [reasoning, message] = outputOf(whole)
  expect(reasoning).toMatchObject({ summary: [{ text: joined("reasoning_summary_text") }] })
  expect(message).toMatchObject({ content: [{ text: joined("output_text") }] })
  const last = events.at(-1)
  expect(last).toMatchObject({ type: "response.completed", response: { usage: whole["usage"] } })
  const done = events.filter(({ type }) => type === "response.output_item.done").map(({ item }) => item)
  expect(outputOf(last?.["response"])).toEqual(done)
})

test("tools are called and their results used", async () => {
  const { ask } = await requestsTo({ plan: "token" })
  const user = { role: "user", content: [{ type: "input_text", text: "Create a hello world file hello.py" }] }
  const request = { tools: [WRITE], input: [user] }
  const [call] = outputOf(await (await ask(request)).json())
  expect(call).toMatchObject({ type: "function_call", name: "write", call_id: expect.any(String) })
  const events = await eventsOf(await ask({ ...request, stream: true }))
  const pieces = events.filter(({ type }) => type === "response.function_call_arguments.delta")
  expect(pieces.map(({ delta }) => delta).join("")).toBe(call?.["arguments"])

  const result = { type: "function_call_output", call_id: call?.["call_id"], output: "Done." }
  const [message] = outputOf(await (await ask({ tools: [WRITE], input: [user, call, result] })).json())
  expect(message).toMatchObject({ content: [{ text: expect.stringContaining("hello.py") }] })
})

test("the models' rules apply, and answers are scripted separately", async () => {
  const { ask, simulator } = await requestsTo({ plan: "token" })
  expect((await ask({ model: "qwen3.8-max", reasoning: { effort: "low" } })).status).toBe(200)
  for (const change of [
    { model: "qwen3.8-max", reasoning: { effort: "high" } },
    { input: 7 },
    { input: [{ type: "mystery" }] },
    { input: [{ role: "user", content: [{ type: "input_audio" }] }] },
    { tools: [{ type: "web_search" }] },
  ]) {
    expect((await ask(change)).status).toBe(400)
  }
  await simulator.scenario({ answers: { planResponses: { queue: [{ named: "token-month-used-up" }] } } })
  expect([(await ask()).status, (await ask()).status]).toEqual([429, 200])
})
