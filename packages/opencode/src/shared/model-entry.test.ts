import { findModel, type ModelFacts, OAUTH_MODELS, PLANS, planModels, thinkingLevels } from "qwen-auth-core/internal"
import * as v from "valibot"
import { describe, expect, it } from "vitest"
import { CompleteModel } from "../v1/testing/own-models.ts"
import { aliasEntry, modelEntry } from "./model-entry.ts"

const ENDPOINTS = PLANS.flatMap(({ endpoints }) => endpoints)
const FACTS = new Set([...OAUTH_MODELS, ...ENDPOINTS.flatMap(({ plan, region }) => planModels(plan, region))])

function known(plan: "token-plan" | "pay-as-you-go", id: string): ModelFacts {
  const facts = findModel(plan, "international", id)
  if (facts === undefined) throw new Error(`no ${id}`)
  return facts
}

describe("a model in OpenCode's format", () => {
  it("is complete", () => {
    for (const facts of FACTS) {
      expect([facts.id, v.safeParse(CompleteModel, modelEntry(facts)).issues]).toEqual([facts.id, undefined])
    }
  })

  it("has the facts of the catalogue", () => {
    expect(modelEntry(known("token-plan", "qwen3.8-max"))).toEqual({
      id: "qwen3.8-max",
      providerID: "alibaba",
      name: "Qwen3.8 Max",
      api: {
        id: "qwen3.8-max",
        url: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        npm: "@ai-sdk/openai-compatible",
      },
      capabilities: {
        temperature: true,
        reasoning: true,
        attachment: true,
        toolcall: true,
        input: { text: true, audio: false, image: true, video: false, pdf: true },
        output: { text: true, audio: false, image: false, video: false, pdf: false },
        interleaved: { field: "reasoning_content" },
      },
      cost: { input: 0, output: 0, cache: { read: 0, write: 0 } },
      limit: { context: 1_000_000, input: 983_616, output: 131_072 },
      status: "active",
      options: {},
      headers: {},
      release_date: "",
      variants: {
        none: { reasoningEffort: "none" },
        low: { reasoningEffort: "low" },
        medium: { reasoningEffort: "medium" },
        xhigh: { reasoningEffort: "xhigh" },
      },
    })
  })

  it("has no ability that the model lacks", () => {
    const entry = modelEntry(known("pay-as-you-go", "qwen-max"))
    expect(entry.capabilities).toMatchObject({ reasoning: false, attachment: false, interleaved: false })
    expect(entry.capabilities.input).toEqual({ text: true, audio: false, image: false, video: false, pdf: false })
    expect(entry.limit).toEqual({ context: 32_768, output: 8_192 })
    expect(entry.variants).toEqual({})
  })

  it("always has the field variants, with each level of thinking, because OpenCode would add its own", () => {
    for (const facts of FACTS) {
      const { variants } = modelEntry(facts)
      expect(Object.keys(variants ?? { missing: {} })).toEqual(thinkingLevels(facts))
      for (const [level, options] of Object.entries(variants ?? {})) expect(options).toEqual({ reasoningEffort: level })
    }
  })

  it.each(OAUTH_MODELS)("has no variants for an account's model, where no level can be chosen: $id", (facts) => {
    expect(modelEntry(facts)).toMatchObject({ variants: {}, cost: { input: 0, output: 0 } })
  })

  it("with an alias is requested by its own id", () => {
    const entry = modelEntry(known("token-plan", "glm-5.3"))
    expect(aliasEntry("other", entry, "Another")).toEqual({ ...entry, id: "other", name: "Another" })
  })
})
