import { expect, test } from "vitest"
import { listIn } from "../test-support/chat-answers.ts"
import { chat, made, models } from "../test-support/key-requests.ts"
import { objectIn, simulatorUnderTest } from "../test-support/simulator-under-test.ts"

test.each([
  [{ plan: "coding" }, 10, ["qwen3.7-plus", "MiniMax-M2.5"], ["qwen3.6-flash", "qwen3.7-max"]],
  [{ plan: "token" }, 22, ["auto", "qwen3.8-max-preview", "glm-5.3"], ["qwen3-coder-plus"]],
  [{ plan: "token", tier: "personal" }, 12, ["auto", "glm-5.2"], ["qwen3.6-plus"]],
  [{ plan: "payg" }, 73, ["qwen3-max-preview", "qwen3.6-27b", "wan2.6-t2v", "qwen3-asr-flash"], ["glm-5", "auto"]],
  [{ plan: "payg", region: "china" }, 108, ["glm-5", "qwen-long", "happyhorse-1.0-t2v"], ["qwen3.6-27b"]],
])("the list of %j has %d models", async (document, count, listed, missing) => {
  const simulator = await simulatorUnderTest()
  const { base, key } = await made(simulator, document)
  const list = objectIn(await (await models(base, key)).json())
  const ids = listIn(list["data"]).map((entry) => objectIn(entry)["id"])
  expect(new Set(ids).size).toBe(count)
  expect(ids).toEqual(expect.arrayContaining(listed))
  for (const id of missing) expect(ids).not.toContain(id)
})

test("a listed model that cannot chat is refused", async () => {
  const simulator = await simulatorUnderTest()
  const { base, key } = await made(simulator, { plan: "payg" })
  for (const model of ["wan2.6-t2v", "qwen3-asr-flash", "qwen3-omni-flash-realtime"]) {
    expect((await chat(base, key, { model })).status).toBe(404)
  }
  expect((await chat(base, key, { model: "qwen3-14b", stream: true })).status).toBe(200)
})

test.each([
  ["auto", "qwen3.8-flash"],
  ["qwen3.8-max-preview", "qwen3.8-max"],
  ["qwen3.8-max", "qwen3.8-max"],
])("on the Token Plan %s is answered by %s", async (model, answering) => {
  const simulator = await simulatorUnderTest()
  const { base, key } = await made(simulator, { plan: "token" })
  expect(await (await chat(base, key, { model })).json()).toMatchObject({ model: answering })
})
