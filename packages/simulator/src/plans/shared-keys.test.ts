import { expect, test } from "vitest"
import type { JsonObject } from "../json.ts"
import { proxiedSimulator } from "../test-support/proxied-simulator.ts"
import { simulatorUnderTest } from "../test-support/simulator-under-test.ts"

test.each([
  [{ plan: "token" }, "token-plan.maas.qwencloudapi.com", "token-plan.maas.qianwenaiapi.com", "glm-5"],
  [{ plan: "token", region: "china" }, "token-plan.maas.qianwenaiapi.com", "token-plan.maas.qwencloudapi.com", "glm-5"],
  [{ plan: "payg" }, "maas.qwencloudapi.com", "maas.qianwenaiapi.com", "qwen3-max"],
  [{ plan: "payg", region: "china" }, "maas.qianwenaiapi.com", "maas.qwencloudapi.com", "qwen3-max"],
])("a key of %j is valid on %s by its real name, and not on %s", async (document, same, other, model) => {
  const { through, apiKey } = await proxiedSimulator()
  const authorization = `Bearer ${await apiKey(document)}`
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] })
  for (const [host, ok] of [
    [same, true],
    [other, false],
  ] as const) {
    const base = `https://${host}/compatible-mode/v1`
    expect((await through(`${base}/models`, { headers: { authorization } })).ok).toBe(ok)
    const chat = { method: "POST", headers: { authorization }, body }
    expect((await through(`${base}/chat/completions`, chat)).ok).toBe(ok)
  }
})

test.each([
  [{ workspace: "ws-abc" }, "trial.ap-southeast-1", 200],
  [{ workspace: "ws-abc", region: "china" }, "trial.cn-beijing", 200],
  [{ workspace: "ws-abc", region: "hongkong" }, "trial.cn-hongkong", 200],
  [{ workspace: "ws-abc" }, "trial.cn-beijing", 401],
  [{}, "trial.ap-southeast-1", 401],
  [{ workspace: "ws-abc" }, "ws-other.ap-southeast-1", 401],
  [{ workspace: "ws-abc", region: "us" }, "ws-abc.us-west-1", 401],
])("a pay-as-you-go key of %j on %s: %d", async (document: JsonObject, label, status) => {
  const { origin, apiKey } = await simulatorUnderTest()
  const key = await apiKey({ plan: "payg", ...document })
  const url = `${origin}/_hosts/${label}.maas.aliyuncs.com/compatible-mode/v1/models`
  expect((await fetch(url, { headers: { authorization: `Bearer ${key}` } })).status).toBe(status)
})
