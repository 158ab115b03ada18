import { expect, test } from "vitest"
import type { JsonObject } from "../json.ts"
import { typedEventsOf } from "../test-support/chat-answers.ts"
import { made } from "../test-support/key-requests.ts"
import { objectIn, simulatorUnderTest } from "../test-support/simulator-under-test.ts"

const LONG = "a long prompt ".repeat(400)
const MARK = { cache_control: { type: "ephemeral" } }
const WRITE = {
  name: "write",
  description: "Writes a file",
  input_schema: { type: "object", properties: { path: {}, content: {} }, required: ["path", "content"] },
}

/** Sends a request to the Anthropic endpoint of a key's host. The body is merged into a valid one. */
async function requestsTo(document: JsonObject) {
  const simulator = await simulatorUnderTest()
  const { key, host } = await made(simulator, document)
  const url = `${simulator.origin}/_hosts/${host}/apps/anthropic/v1/messages`
  const ask = (change: JsonObject = {}, headers: Record<string, string> = { authorization: `Bearer ${key}` }) =>
    fetch(url, {
      method: "POST",
      headers: { "user-agent": "claude-cli/2.0", ...headers },
      body: JSON.stringify({
        model: "qwen3.7-plus",
        max_tokens: 1_000,
        thinking: { type: "disabled" },
        messages: [{ role: "user", content: "What is 6 * 7?" }],
        ...change,
      }),
    })
  return { simulator, key, url, ask }
}

test.each([{ plan: "coding" }, { plan: "token" }, { plan: "payg" }])("a key of %j gets a message", async (plan) => {
  const { ask } = await requestsTo(plan)
  expect(await (await ask({ system: "Be kind." })).json()).toEqual({
    id: expect.stringMatching(/^msg_/),
    type: "message",
    role: "assistant",
    model: "qwen3.7-plus",
    content: [{ type: "text", text: "6 * 7 = 42" }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: {
      input_tokens: expect.any(Number),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 3,
    },
  })
})

test("a stream has the same thinking, text and counts", async () => {
  const { ask } = await requestsTo({ plan: "payg" })
  const thinking = { thinking: { type: "enabled", budget_tokens: 100 } }
  const whole = objectIn(await (await ask(thinking)).json())
  const events = await typedEventsOf(await ask({ ...thinking, stream: true }))
  expect(events[0]).toMatchObject({ type: "message_start", message: { role: "assistant", content: [] } })
  expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "end_turn" }, usage: whole["usage"] })
  expect(events.at(-1)).toEqual({ type: "message_stop" })
  const deltas = events.flatMap(({ delta }) => (delta === undefined ? [] : [objectIn(delta)]))
  const joined = (name: string) => deltas.map((delta) => delta[name] ?? "").join("")
  expect(whole["content"]).toEqual([
    { type: "thinking", thinking: joined("thinking"), signature: "" },
    { type: "text", text: joined("text") },
  ])
  expect(joined("thinking")).toContain("The user says")
})

test("tools are called and their results used, streamed or not", async () => {
  const { ask } = await requestsTo({ plan: "coding" })
  const user = { role: "user", content: [{ type: "text", text: "Create a hello world file hello.py" }] }
  const request = { tools: [WRITE], messages: [user] }
  const whole = objectIn(await (await ask(request)).json())
  expect(whole["stop_reason"]).toBe("tool_use")
  expect(whole["content"]).toEqual([
    { type: "tool_use", id: expect.any(String), name: "write", input: expect.objectContaining({ path: "hello.py" }) },
  ])
  const events = await typedEventsOf(await ask({ ...request, stream: true }))
  const json = events.map((event) => objectIn(event["delta"] ?? {})["partial_json"] ?? "").join("")
  const [call] = Array.isArray(whole["content"]) ? whole["content"].map(objectIn) : []
  expect(JSON.parse(json)).toEqual(call?.["input"])

  const result = { type: "tool_result", tool_use_id: call?.["id"], content: "Done." }
  const after = [user, { role: "assistant", content: whole["content"] }, { role: "user", content: [result] }]
  const answer = objectIn(await (await ask({ tools: [WRITE], messages: after })).json())
  expect(answer).toMatchObject({ stop_reason: "end_turn", content: [{ text: expect.stringContaining("hello.py") }] })
})

test("marks work without a header, and cached tokens are not input tokens", async () => {
  const { ask } = await requestsTo({ plan: "token" })
  const system = [{ type: "text", text: LONG, ...MARK }]
  const usages = [await ask({ system }), await ask({ system })].map(
    async (answer) => objectIn(await answer.json())["usage"],
  )
  const [first, second] = await Promise.all(usages)
  expect(first).toMatchObject({ cache_creation_input_tokens: 1404, cache_read_input_tokens: 0 })
  expect(second).toMatchObject({ cache_creation_input_tokens: 0, cache_read_input_tokens: 1404 })
  expect(objectIn(second)["input_tokens"]).toBe(objectIn(first)["input_tokens"])
})

test.each([
  ["coding", 200],
  ["payg", 200],
  ["token", 401],
])("x-api-key on plan %s: %d", async (plan, status) => {
  const { ask, key } = await requestsTo({ plan })
  expect((await ask({}, { "x-api-key": key })).status).toBe(status)
})

test("refusals have the native format, except the Coding Plan's string", async () => {
  const { ask, key } = await requestsTo({ plan: "coding" })
  const wrong = await ask({}, { authorization: "Bearer sk-sp-wrong" })
  expect([wrong.status, await wrong.json()]).toEqual([
    401,
    { code: "invalid_api_key", message: "invalid access token or token expired", request_id: expect.any(String) },
  ])
  const unknownAgent = await ask({}, { authorization: `Bearer ${key}`, "user-agent": "curl/8" })
  expect([unknownAgent.status, objectIn(await unknownAgent.json())["error"]]).toEqual([
    405,
    expect.stringContaining("Agents"),
  ])
  for (const change of [
    { thinking: { type: "adaptive" } },
    { thinking: { type: "enabled", budget_tokens: 262_145 } },
    { model: "qwen3-coder-plus", thinking: { type: "enabled" } },
    { messages: [{ role: "system", content: "Hi" }] },
    { messages: [{ role: "user", content: [{ type: "audio" }] }] },
    { tools: [{}] },
    { model: undefined },
  ]) {
    const refused = await ask(change)
    expect([refused.status, await refused.json()]).toEqual([
      400,
      expect.objectContaining({ message: expect.any(String) }),
    ])
  }
})

test("there is no list and no count_tokens, and answers are scripted separately", async () => {
  const { ask, simulator, url, key } = await requestsTo({ plan: "token" })
  const headers = { authorization: `Bearer ${key}` }
  expect((await fetch(url.replace("messages", "models"), { headers })).status).toBe(404)
  expect((await fetch(`${url}/count_tokens`, { method: "POST", headers })).status).toBe(404)
  await simulator.scenario({ answers: { planMessages: { queue: [{ named: "token-week-used-up-native" }] } } })
  expect([(await ask()).status, (await ask()).status]).toEqual([429, 200])
})
