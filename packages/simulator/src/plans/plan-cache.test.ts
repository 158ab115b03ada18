import { expect, test } from "vitest"
import type { JsonObject } from "../json.ts"
import { chat, made } from "../test-support/key-requests.ts"
import { objectIn, simulatorUnderTest } from "../test-support/simulator-under-test.ts"

const ENABLED = { "x-dashscope-cachecontrol": "enable" }
const MARK = { cache_control: { type: "ephemeral" } }
const LONG = "a long prompt ".repeat(400)

function marked(text: string): JsonObject[] {
  return [{ type: "text", text, ...MARK }]
}

async function details(response: Response): Promise<JsonObject> {
  expect(response.status).toBe(200)
  const usage = objectIn(objectIn(await response.json())["usage"])
  const counts = objectIn(usage["prompt_tokens_details"])
  expect(Number(counts["cached_tokens"])).toBeLessThan(Number(usage["prompt_tokens"]))
  return counts
}

test.each([{ plan: "coding" }, { plan: "token" }, { plan: "payg" }])(
  "the prompt cache of a key of %j",
  async (plan) => {
    const simulator = await simulatorUnderTest()
    const { base, key } = await made(simulator, plan)
    const model = "qwen3.7-plus"
    const tool = { type: "function", function: { name: "look", description: LONG }, ...MARK }
    const ask = (content: unknown) =>
      chat(
        base,
        key,
        {
          model,
          tools: [tool],
          messages: [
            { role: "system", content: marked("Be kind.") },
            { role: "user", content },
          ],
        },
        ENABLED,
      )

    const first = await details(await ask(marked("One.")))
    expect(first["cached_tokens"]).toBe(0)
    const created = Number(first["cache_creation_input_tokens"])
    expect(created).toBeGreaterThan(1_400)
    expect(first).toMatchObject({ cache_creation: { ephemeral_5m_input_tokens: created }, cache_type: "ephemeral" })
    const second = await details(await ask(marked("Two.")))
    expect(Number(second["cached_tokens"]) + Number(second["cache_creation_input_tokens"])).toBe(created)
    expect(Number(second["cached_tokens"])).toBeGreaterThan(1_400)
    simulator.clock.advance(300)
    expect((await details(await ask(marked("Two."))))["cached_tokens"]).toBe(0)
  },
)

test("a string and a list of one part are the same prompt, marked or not", async () => {
  const { base, key } = await made(await simulatorUnderTest(), { plan: "payg" })
  const messages = (first: unknown, last: unknown) => [
    { role: "user", content: first },
    { role: "assistant", content: "Well." },
    { role: "user", content: last },
  ]
  await chat(base, key, { messages: [{ role: "user", content: marked(LONG) }] }, ENABLED)
  const again = await chat(base, key, { messages: messages(LONG, marked("And?")) }, ENABLED)
  expect((await details(again))["cached_tokens"]).toBe(1404)
})

test("without the header, without marks, or on a workspace's host there is no cache", async () => {
  const simulator = await simulatorUnderTest()
  const { base, key } = await made(simulator, { plan: "payg" })
  const workspace = await made(simulator, { plan: "payg", workspace: "ws-abc" })
  const messages = [{ role: "user", content: marked(LONG) }]
  for (let times = 0; times < 2; times += 1) {
    const answers = [
      await chat(base, key, { messages }),
      await chat(base, key, { messages: [{ role: "user", content: LONG }] }, ENABLED),
      await chat(workspace.base, workspace.key, { messages }, ENABLED),
    ]
    for (const answer of answers) expect(await details(answer)).toEqual({ cached_tokens: 0 })
  }
})

test("each key and each model has its own cache", async () => {
  const simulator = await simulatorUnderTest()
  const { base, key } = await made(simulator, { plan: "payg" })
  const other = await made(simulator, { plan: "payg" })
  const messages = [{ role: "user", content: marked(LONG) }]
  await chat(base, key, { messages }, ENABLED)
  expect((await details(await chat(base, other.key, { messages }, ENABLED)))["cached_tokens"]).toBe(0)
  const model = "qwen3-max"
  expect((await details(await chat(base, key, { model, messages }, ENABLED)))["cached_tokens"]).toBe(0)
})

test("more than four marks are refused", async () => {
  const { base, key } = await made(await simulatorUnderTest(), { plan: "coding" })
  const messages = (count: number) => Array.from({ length: count }, () => ({ role: "user", content: marked("Hi") }))
  expect((await chat(base, key, { messages: messages(4) })).status).toBe(200)
  const refused = await chat(base, key, { messages: messages(5) })
  expect(refused.status).toBe(400)
  expect(await refused.text()).toContain("A maximum of 4 blocks with cache_control")
})
