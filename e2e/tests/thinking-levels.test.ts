import { type ApiKeyCredential, nodePlatform, type PlanId, type Region } from "qwen-auth-core"
import { createQwenFetch, planModels, planOf, thinkingLevels } from "qwen-auth-core/internal"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"

let simulator: SimulatorProcess
beforeAll(async () => {
  simulator = await startSimulator()
  // A simulator that refuses everything that a model does not have.
  await simulator.control("scenario", { plans: { strictModels: true } })
})
afterAll(() => simulator.stop())

const PLANS: readonly [plan: PlanId, simulated: "coding" | "token" | "payg", region: Region][] = [
  ["coding-plan", "coding", "international"],
  ["coding-plan", "coding", "china"],
  ["token-plan", "token", "international"],
  ["token-plan", "token", "china"],
  ["pay-as-you-go", "payg", "international"],
  ["pay-as-you-go", "payg", "china"],
]

/** Every level that some host has, also those that no model has. */
const HOST_LEVELS = ["off", "none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"]

const WAYS: readonly [name: string, fields: object][] = [
  ["streamed", { stream: true, stream_options: { include_usage: true } }],
  ["not streamed", {}],
  [
    "with a tool that is forced",
    { stream: true, tool_choice: "required", tools: [{ type: "function", function: { name: "a" } }] },
  ],
]

describe.each(PLANS)("each model of %s (%s, %s)", (plan, simulated, region) => {
  it.each(WAYS)("is accepted with each level of thinking: %s", async (_, fields) => {
    const { key, base_url: baseUrl } = await simulator.apiKey(simulated, { region })
    const credential: ApiKeyCredential = { type: "api_key", apiKey: key, plan, region, baseUrl }
    const getCredential = async () => credential
    const qwenFetch = createQwenFetch({
      platform: nodePlatform({
        fetch: (url, init) => fetch(url.replace("https://", `${simulator.origin}/_hosts/`), init),
      }),
      credentials: { getCredential, refresh: getCredential, syncClock: () => {} },
      userAgent: "e2e/1.0.0",
    })
    const models = planModels(plan, region)
    expect(models.length).toBeGreaterThan(planOf(plan).id === "coding-plan" ? 9 : 15)
    const refused: string[] = []
    for (const model of models) {
      for (const level of new Set([undefined, ...thinkingLevels(model), ...HOST_LEVELS])) {
        const messages = [
          { role: "system", content: "You are helpful." },
          { role: "user", content: "Hello" },
        ]
        const body = { model: model.id, messages, max_tokens: 65_536, ...fields }
        const response = await qwenFetch("https://api.example.com/v1/chat/completions", {
          method: "POST",
          headers: { "content-type": "application/json", "user-agent": "opencode/1.18.33" },
          body: JSON.stringify(level === undefined ? body : { ...body, reasoning_effort: level }),
        })
        const text = await response.text()
        if (!response.ok) refused.push(`${model.id} ${level}: ${text}`)
      }
    }
    expect(refused).toEqual([])
  })
})
