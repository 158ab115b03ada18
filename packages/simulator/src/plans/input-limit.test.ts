import { expect, test } from "vitest"
import { chat, made, readRefusal } from "../test-support/key-requests.ts"
import { simulatorUnderTest } from "../test-support/simulator-under-test.ts"

/** A prompt with a number of tokens, of four characters each, and four tokens for the message. */
function prompt(tokens: number) {
  return { messages: [{ role: "user", content: "word".repeat(tokens - 4) }] }
}

test.each([
  [{ plan: "coding" }, "qwen3-coder-plus", 983_616],
  [{ plan: "coding" }, "qwen3-coder-next", 262_144],
  [{ plan: "payg" }, "qwen3-32b", 131_072],
])("more tokens than %j's %s accepts are the range error", async (document, model, limit) => {
  const { base, key } = await made(await simulatorUnderTest(), document)
  expect((await chat(base, key, { model, enable_thinking: false, ...prompt(limit) })).status).toBe(200)
  const message = `<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, ${limit}]`
  expect(await readRefusal(await chat(base, key, { model, ...prompt(limit + 1) }))).toMatchObject({
    status: 400,
    error: { code: "invalid_parameter_error", type: "invalid_request_error", message },
  })
})

test("the scenario lowers the limit but never raises it", async () => {
  const simulator = await simulatorUnderTest()
  const { base, key } = await made(simulator, { plan: "payg" })
  await simulator.scenario({ plans: { inputLimit: 100 } })
  expect((await chat(base, key, prompt(100))).status).toBe(200)
  const refused = await readRefusal(await chat(base, key, prompt(101)))
  expect(refused.error["message"]).toContain("[1, 100]")
  await simulator.scenario({ plans: { inputLimit: 2_000_000 } })
  expect((await chat(base, key, prompt(983_617))).status).toBe(400)
})
