import type { Config } from "@opencode-ai/plugin"
import { describe, expect, it } from "vitest"
import { addQwenModels } from "./models.ts"

function withModels(config: Config): Config {
  addQwenModels(config)
  return config
}

describe("addQwenModels", () => {
  it("makes both models known, with limits and what they take", () => {
    expect(withModels({}).provider?.["alibaba"]?.models).toMatchObject({
      "coder-model": {
        limit: { context: 1_000_000, output: 65_536 },
        attachment: true,
        tool_call: true,
        reasoning: true,
        modalities: { input: ["text", "image"], output: ["text"] },
      },
      "vision-model": {
        limit: { context: 131_072, output: 8_192 },
        attachment: true,
        tool_call: true,
        reasoning: false,
        modalities: { input: ["text", "image"], output: ["text"] },
      },
    })
  })

  it("says nothing else about the provider", () => {
    expect(Object.keys(withModels({}).provider?.["alibaba"] ?? {})).toEqual(["models"])
  })

  it("lets the user's own words about a model win and fills in the rest", () => {
    const users = { name: "Mine", limit: { context: 1_000, output: 100 } }
    const config = withModels({ provider: { alibaba: { models: { "coder-model": users } } } })
    expect(config.provider?.["alibaba"]?.models?.["coder-model"]).toMatchObject({ ...users, tool_call: true })
  })

  it("keeps the user's other models, options and providers", () => {
    const provider = {
      alibaba: { name: "My Alibaba", options: { apiKey: "k" }, models: { "my-model": { name: "My model" } } },
      other: { models: { x: {} } },
    }
    const config = withModels({ model: "other/x", provider: structuredClone(provider) })
    expect(config.model).toBe("other/x")
    expect(config.provider?.["other"]).toEqual(provider.other)
    expect(config.provider?.["alibaba"]).toMatchObject({ name: "My Alibaba", options: { apiKey: "k" } })
    expect(Object.keys(config.provider?.["alibaba"]?.models ?? {}).sort()).toEqual([
      "coder-model",
      "my-model",
      "vision-model",
    ])
  })

  it("applied twice changes nothing more", () => {
    const once = withModels({})
    expect(withModels(structuredClone(once))).toEqual(once)
  })
})
