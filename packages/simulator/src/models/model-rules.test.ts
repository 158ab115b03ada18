import { expect, test } from "vitest"
import type { JsonObject } from "../json.ts"
import { deltasOf, eventsOf, messageOf } from "../test-support/chat-answers.ts"
import { chat, made } from "../test-support/key-requests.ts"
import { type SimulatorUnderTest, simulatorUnderTest } from "../test-support/simulator-under-test.ts"

const CODING = { plan: "coding" }
const TOKEN = { plan: "token" }
const PAYG = { plan: "payg" }
const tools = [{ type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } }]

async function strict(): Promise<SimulatorUnderTest> {
  const simulator = await simulatorUnderTest()
  await simulator.scenario({ plans: { strictModels: true } })
  return simulator
}

/** Plan, model, an invalid request, its error, and a valid request. */
const RULES: [JsonObject, string, JsonObject, string, JsonObject][] = [
  [CODING, "qwen3-coder-plus", { enable_thinking: true }, "restricted to False", { enable_thinking: false }],
  [CODING, "qwen3-coder-next", { thinking_budget: 100 }, "not support the thinking_budget", {}],
  [CODING, "qwen3-coder-plus", { reasoning_effort: "low" }, "not support the reasoning_effort", {}],
  [CODING, "qwen3.7-plus", { reasoning_effort: "high" }, "not support the reasoning_effort", { thinking_budget: 1 }],
  [
    CODING,
    "qwen3.7-plus",
    { thinking_budget: 262_145 },
    "The thinking_budget parameter must be a positive integer and not greater than 262144",
    { thinking_budget: 262_144 },
  ],
  [CODING, "qwen3.6-plus", { thinking_budget: 81_921 }, "not greater than 81920", { thinking_budget: 81_920 }],
  [CODING, "glm-4.7", { thinking_budget: 32_769 }, "not greater than 32768", { thinking_budget: 32_768 }],
  [CODING, "kimi-k2.5", { thinking_budget: 0 }, "positive integer", { enable_thinking: false }],
  [CODING, "MiniMax-M2.5", { stream: true, enable_thinking: false }, "restricted to True", { stream: true }],
  [CODING, "MiniMax-M2.5", {}, "only support stream mode", { stream: true }],
  [CODING, "glm-5", { messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] }, "valid string", {}],
  [TOKEN, "qwen3.8-max", { reasoning_effort: "high" }, "one of: low, medium, xhigh", { reasoning_effort: "xhigh" }],
  [
    TOKEN,
    "qwen3.8-flash",
    { reasoning_effort: "low", thinking_budget: 1_000 },
    "cannot be set together",
    { thinking_budget: 1_000 },
  ],
  [TOKEN, "deepseek-v4-pro", { reasoning_effort: "low" }, "one of: high, max", { reasoning_effort: "max" }],
  [TOKEN, "glm-5.3", { enable_thinking: false }, "restricted to True", { reasoning_effort: "low" }],
  [TOKEN, "auto", { reasoning_effort: "low" }, "not support the reasoning_effort", {}],
  [PAYG, "glm-5.2", { reasoning_effort: "extreme" }, "one of: none, minimal", { reasoning_effort: "none" }],
  [PAYG, "glm-5.2", { enable_thinking: false }, "restricted to True", { reasoning_effort: "none" }],
  [
    PAYG,
    "qwen3-32b",
    {},
    "parameter.enable_thinking must be set to false for non-streaming calls",
    { enable_thinking: false },
  ],
  [PAYG, "qwen3-235b-a22b", { enable_thinking: true }, "non-streaming calls", { stream: true, enable_thinking: true }],
  [PAYG, "qwen3-235b-a22b-thinking-2507", {}, "only support stream mode", { stream: true }],
  [PAYG, "qwq-plus", { enable_thinking: false }, "restricted to True", { stream: true }],
  [PAYG, "qwen3.6-plus", { tools, tool_choice: "required" }, "in thinking mode", { tools, tool_choice: "auto" }],
  [
    PAYG,
    "qwen3.6-plus",
    { tools, tool_choice: { type: "function", function: { name: "look" } } },
    "in thinking mode",
    { tools, tool_choice: "required", enable_thinking: false },
  ],
  [PAYG, "qwen3.6-plus", { reasoning: { effort: "low" } }, "Unknown parameter: 'reasoning'", {}],
  [PAYG, "qwen3.6-plus", { reasoningEffort: "low" }, "Unknown parameter: 'reasoningEffort'", {}],
  [PAYG, "qwen3.6-plus", { thinking: { type: "enabled" } }, "Unknown parameter: 'thinking'", {}],
  [PAYG, "qwen3.6-plus", { enable_thinking: "no" }, "must be a boolean", { enable_thinking: false }],
]

test.each(RULES)("%j: %s refuses %j: %s", async (document, model, wrong, message, right) => {
  const simulator = await strict()
  const { base, key } = await made(simulator, document)
  const refused = await chat(base, key, { model, ...wrong })
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({
    error: { code: "invalid_parameter_error", message: expect.stringContaining(message) },
  })
  expect((await chat(base, key, { model, ...right })).status).toBe(200)
  await simulator.scenario({ plans: { strictModels: false } })
  expect((await chat(base, key, { model, ...wrong })).status).toBe(200)
})

test("GLM accepts lists of parts when there are tools", async () => {
  const { base, key } = await made(await strict(), CODING)
  const messages = [{ role: "user", content: [{ type: "text", text: "Hi" }] }]
  expect((await chat(base, key, { model: "glm-5", messages, tools })).status).toBe(200)
})

test.each([
  [CODING, "qwen3.7-plus", {}, true],
  [CODING, "qwen3.7-plus", { enable_thinking: false }, false],
  [CODING, "qwen3-coder-plus", {}, false],
  [TOKEN, "qwen3.8-max", { reasoning_effort: "low" }, true],
  [PAYG, "glm-5.2", { reasoning_effort: "none" }, false],
])("%j: %s with %j thinks: %j, streamed or not", async (document, model, change, thinks) => {
  const { base, key } = await made(await strict(), document)
  const message = await messageOf(await chat(base, key, { model, ...change }))
  expect(Object.hasOwn(message, "reasoning_content")).toBe(thinks)
  const deltas = deltasOf(await eventsOf(await chat(base, key, { model, stream: true, ...change })))
  const thought = deltas.map((delta) => delta["reasoning_content"] ?? "").join("")
  expect(thought).toBe(message["reasoning_content"] ?? "")
})

test("reasoning does not exceed the budget", async () => {
  const { base, key } = await made(await strict(), CODING)
  const answer = await (await chat(base, key, { model: "qwen3.7-plus", thinking_budget: 3 })).json()
  expect(answer).toMatchObject({ usage: { completion_tokens_details: { reasoning_tokens: 3 } } })
})
