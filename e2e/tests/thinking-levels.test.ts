import { planModels, thinkingLevels } from "qwen-auth-core/internal"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { fetchWithKey, newKey, PLAN_IDS } from "../harness/shared/key-client.ts"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"

let simulator: SimulatorProcess
beforeAll(async () => {
  simulator = await startSimulator()
  // A simulator that refuses everything that a model does not have.
  await simulator.control("scenario", { plans: { strictModels: true } })
})
afterAll(() => simulator.stop())

const PLANS = [
  ["coding", "international"],
  ["coding", "china"],
  ["token", "international"],
  ["token", "china"],
  ["payg", "international"],
  ["payg", "china"],
] as const

/** Every level of any host, also those that no model has. */
const HOST_LEVELS = ["off", "none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"]

const FORMS: readonly [name: string, fields: object][] = [
  ["streamed", { stream: true, stream_options: { include_usage: true } }],
  ["not streamed", {}],
  [
    "with a forced tool",
    { stream: true, tool_choice: "required", tools: [{ type: "function", function: { name: "a" } }] },
  ],
]

describe.each(PLANS)("each model of %s (%s)", (plan, region) => {
  it.each(FORMS)("is accepted with each level of thinking: %s", async (_, fields) => {
    const qwenFetch = fetchWithKey(simulator, await newKey(simulator, plan, region))
    const models = planModels(PLAN_IDS[plan], region)
    expect(models.length).toBeGreaterThan(plan === "coding" ? 9 : 15)
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
