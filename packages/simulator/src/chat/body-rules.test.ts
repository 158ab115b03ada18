import { expect, test } from "vitest"
import type { JsonObject } from "../json.ts"
import { simulatorUnderTest, system } from "../test-support/simulator-under-test.ts"

const user = { role: "user", content: "Hello" }
const tools = [{ type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } }]
const image = { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] }

/** An invalid body, the text that names the rule, and a valid body. */
const RULES: [string, JsonObject, string, JsonObject][] = [
  ["no message", { messages: [] }, "[] is too short - 'messages'", {}],
  ["no system message", { messages: [user] }, "exactly one system message, found 0", { messages: [system("a"), user] }],
  ["two system messages", { messages: [system("a"), system("b"), user] }, "exactly one system message, found 2", {}],
  ["a late system message", { messages: [user, system("a")] }, "must be the first", { messages: [system("a"), user] }],
  [
    "a system message that is a string",
    { messages: [{ role: "system", content: "a" }, user] },
    "must be an array of parts",
    { messages: [system("a"), user] },
  ],
  ["the role developer", { messages: [{ ...system("a"), role: "developer" }, user] }, "'developer' is not one of", {}],
  ["empty tools", { tools: [] }, "[] is too short - 'tools'", { tools }],
  ["tool_choice required", { tools, tool_choice: "required" }, "in thinking mode", { tools, tool_choice: "auto" }],
  [
    "a tool_choice object",
    { tools, tool_choice: { type: "function", function: { name: "look" } } },
    "in thinking mode",
    { tools, tool_choice: "required", enable_thinking: false },
  ],
  ["reasoning", { reasoning: {} }, "Unknown parameter: 'reasoning'", {}],
  ["reasoning_effort", { reasoning_effort: "low" }, "Unknown parameter: 'reasoning_effort'", {}],
  ["reasoningEffort", { reasoningEffort: "low" }, "Unknown parameter: 'reasoningEffort'", {}],
  ["max_tokens over coder-model's", { max_tokens: 65_537 }, "[1, 65536]", { max_tokens: 65_536 }],
  [
    "max_tokens over vision-model's",
    { model: "vision-model", max_tokens: 8_193 },
    "[1, 8192]",
    { model: "vision-model", max_tokens: 8_192 },
  ],
  [
    "an image for a text model",
    { model: "qwen3-coder-plus", messages: [system("a"), image] },
    "does not take images",
    { model: "vision-model", messages: [system("a"), image], vl_high_resolution_images: true },
  ],
]

test.each(RULES)(
  "%s is refused with the rule's name, and accepted when corrected",
  async (_case, wrong, message, right) => {
    const { signIn, chat } = await simulatorUnderTest()
    const { access_token } = await signIn()
    const refused = await chat(access_token, wrong)
    expect(refused.status).toBe(400)
    expect(await refused.json()).toEqual({
      error: {
        code: "invalid_parameter_error",
        message: expect.stringContaining(message),
        param: null,
        type: "invalid_request_error",
      },
      request_id: expect.stringMatching(/^[\da-f-]{36}$/),
    })
    expect((await chat(access_token, right)).status).toBe(200)
  },
)

test("an unknown model is 404 model_not_found", async () => {
  const { signIn, chat } = await simulatorUnderTest()
  const { access_token } = await signIn()
  const refused = await chat(access_token, { model: "gpt-5" })
  expect(refused.status).toBe(404)
  expect(await refused.json()).toMatchObject({
    error: { code: "model_not_found", message: "The model `gpt-5` does not exist or you do not have access to it." },
  })
  for (const model of ["coder-model", "vision-model", "qwen3-coder-plus", "qwen3-coder-flash"]) {
    expect((await chat(access_token, { model })).status).toBe(200)
  }
})

test("with bodyRules false, all of them are accepted", async () => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  await scenario({ bodyRules: false })
  const { access_token } = await signIn()
  for (const [, wrong] of RULES) expect((await chat(access_token, wrong)).status).toBe(200)
})

test.each([
  ["no model", { model: undefined }, "'model' must be a string"],
  ["messages that are no list", { messages: "Hello" }, "'messages' must be an array"],
  ["a message without a role", { messages: [{}] }, "'messages[0]' has no role"],
  [
    "a part of an unknown kind",
    { messages: [{ role: "user", content: [{ type: "x" }] }] },
    "neither text nor image_url",
  ],
  ["a tool without a name", { tools: [{}] }, "'tools' has an entry without a function name"],
])("%s is not a chat request in any scenario", async (_case, change, message) => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  await scenario({ bodyRules: false })
  const { access_token } = await signIn()
  const refused = await chat(access_token, change)
  expect(refused.status).toBe(400)
  expect(await refused.text()).toContain(message)
})
