import * as fc from "fast-check"
import { always } from "qwen-auth-testing/properties"
import { modelFacts } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import type { ModelFacts } from "../catalog/model-facts.ts"
import type { ChatBody } from "./body-rules.ts"
import { thinksAbout, withThinkingParameters } from "./thinking-parameters.ts"

const NEVER = modelFacts()
const BUDGET = modelFacts({ toggle: true, efforts: [], maxBudgetTokens: 81_920 })
const ONLY_BUDGET = modelFacts({ toggle: false, efforts: [], maxBudgetTokens: 81_920 })
const QWEN_38 = modelFacts({ toggle: true, efforts: ["low", "medium", "xhigh"], maxBudgetTokens: 262_144 })
const DEEPSEEK = modelFacts({ toggle: true, efforts: ["high", "max"] })
const GLM_52 = modelFacts({ toggle: false, efforts: ["high", "max"] })
const WITH_NONE = modelFacts({ toggle: false, efforts: ["none", "minimal", "low", "medium", "high", "xhigh", "max"] })
const TOGGLE = modelFacts({ toggle: true, efforts: [] })
const ALWAYS = modelFacts({ toggle: false, efforts: [] })

const on = { enable_thinking: true }
const off = { enable_thinking: false }

describe("a level of thinking is translated to", () => {
  it.each<[string, ModelFacts | undefined, string, ChatBody]>([
    ["thinking off, by the toggle", BUDGET, "none", off],
    ["thinking off, by the toggle", QWEN_38, "off", off],
    ["thinking off, by an effort", WITH_NONE, "none", { reasoning_effort: "none" }],
    ["thinking off, by an effort", WITH_NONE, "off", { reasoning_effort: "none" }],
    ["the weakest effort if thinking cannot be off", GLM_52, "none", { reasoning_effort: "high" }],
    ["the smallest budget if thinking cannot be off", ONLY_BUDGET, "none", { thinking_budget: 5_120 }],
    ["no parameter for a model without options", ALWAYS, "none", {}],
    ["no parameter for a model without options", ALWAYS, "high", {}],
    ["the same effort", QWEN_38, "medium", { ...on, reasoning_effort: "medium" }],
    ["the same effort", WITH_NONE, "xhigh", { reasoning_effort: "xhigh" }],
    ["the nearest effort", QWEN_38, "minimal", { ...on, reasoning_effort: "low" }],
    ["the stronger of two efforts that are equally near", QWEN_38, "high", { ...on, reasoning_effort: "xhigh" }],
    ["the nearest effort", QWEN_38, "ultra", { ...on, reasoning_effort: "xhigh" }],
    ["the nearest effort", DEEPSEEK, "low", { ...on, reasoning_effort: "high" }],
    ["the nearest effort", DEEPSEEK, "xhigh", { ...on, reasoning_effort: "max" }],
    ["an effort, ignoring case and spaces", QWEN_38, " Low ", { ...on, reasoning_effort: "low" }],
    ["a sixteenth of the budget", BUDGET, "minimal", { ...on, thinking_budget: 5_120 }],
    ["an eighth of the budget", BUDGET, "low", { ...on, thinking_budget: 10_240 }],
    ["a quarter of the budget", BUDGET, "medium", { ...on, thinking_budget: 20_480 }],
    ["half of the budget", BUDGET, "high", { ...on, thinking_budget: 40_960 }],
    ["the whole budget", BUDGET, "xhigh", { ...on, thinking_budget: 81_920 }],
    ["the whole budget", BUDGET, "max", { ...on, thinking_budget: 81_920 }],
    ["the whole budget", BUDGET, "ultra", { ...on, thinking_budget: 81_920 }],
    ["thinking on", TOGGLE, "low", on],
    ["no parameter for an unknown level", QWEN_38, "auto", {}],
    ["no parameter for an unknown level", BUDGET, "banana", {}],
    ["no parameter for a model that never thinks", NEVER, "high", {}],
    ["no parameter for a model that never thinks", NEVER, "none", {}],
    ["no parameter for an unknown model", undefined, "high", {}],
    ["no parameter for an unknown model", undefined, "none", {}],
  ])("%s", (_, facts, level, sent) => {
    const rest = { model: "m", stream: true }
    for (const fields of [{ reasoning_effort: level }, { reasoningEffort: level }, { reasoning: { effort: level } }]) {
      expect(withThinkingParameters({ ...rest, ...fields }, facts)).toEqual({ ...rest, ...sent })
    }
  })
})

describe("the caller's own parameters", () => {
  it.each<[string, ModelFacts | undefined, ChatBody, ChatBody]>([
    ["thinking off is kept", QWEN_38, { ...off, reasoning_effort: "low" }, off],
    ["thinking on is kept", BUDGET, { ...on, reasoning_effort: "none" }, on],
    ["a budget is kept", BUDGET, { thinking_budget: 7, reasoning_effort: "low" }, { ...on, thinking_budget: 7 }],
    ["a budget is limited to the model's largest", BUDGET, { thinking_budget: 100_000 }, { thinking_budget: 81_920 }],
    [
      "a budget replaces an effort",
      QWEN_38,
      { thinking_budget: 7, reasoning_effort: "low" },
      { ...on, thinking_budget: 7 },
    ],
    ["a budget without a known maximum is kept", DEEPSEEK, { thinking_budget: 7 }, { thinking_budget: 7 }],
    [
      "parameters of an unknown model are kept",
      undefined,
      { ...on, thinking_budget: 7 },
      { ...on, thinking_budget: 7 },
    ],
    ["empty fields are removed", QWEN_38, { reasoning_effort: null, reasoning: {} }, {}],
  ])("%s", (_, facts, body, sent) => {
    expect(withThinkingParameters(body, facts)).toEqual(sent)
  })

  it.each<[ModelFacts | undefined, ChatBody]>([
    [QWEN_38, { model: "m", enable_thinking: true, reasoning_effort: "low" }],
    [BUDGET, { model: "m", thinking_budget: 81_920 }],
    [undefined, { model: "m" }],
  ])("are the same object if nothing changes", (facts, body) => {
    expect(withThinkingParameters(body, facts)).toBe(body)
  })
})

it("never sends an effort that the model does not have", () => {
  const effort = fc.oneof(
    fc.constantFrom("none", "off", "minimal", "low", "high", "xhigh", "max", "ultra"),
    fc.jsonValue(),
  )
  const anyBody = fc.record(
    {
      reasoning_effort: effort,
      reasoningEffort: effort,
      reasoning: fc.oneof(fc.record({ effort }), fc.jsonValue()),
      enable_thinking: fc.boolean(),
      thinking_budget: fc.integer(),
    },
    { requiredKeys: [] },
  )
  const anyModel = fc.constantFrom(
    undefined,
    NEVER,
    BUDGET,
    ONLY_BUDGET,
    QWEN_38,
    DEEPSEEK,
    GLM_52,
    WITH_NONE,
    TOGGLE,
    ALWAYS,
  )
  always(
    fc.property(anyBody, anyModel, (body, facts) => {
      const sent = withThinkingParameters(body, facts)
      expect(Object.keys(sent)).not.toContain("reasoningEffort")
      expect(Object.keys(sent)).not.toContain("reasoning")
      const { reasoning_effort, thinking_budget } = sent
      if ("reasoning_effort" in sent) {
        expect(facts?.thinking?.efforts).toContain(reasoning_effort)
        expect("thinking_budget" in sent).toBe(false)
      }
      const largest = facts?.thinking?.maxBudgetTokens
      if (largest !== undefined && typeof thinking_budget === "number")
        expect(thinking_budget).toBeLessThanOrEqual(largest)
    }),
    500,
  )
})

it.each<[boolean, ModelFacts | undefined, ChatBody]>([
  [true, BUDGET, {}],
  [true, BUDGET, on],
  [false, BUDGET, off],
  [false, WITH_NONE, { reasoning_effort: "none" }],
  [false, NEVER, on],
  [false, undefined, on],
])("thinksAbout returns %s", (expected, facts, body) => {
  expect(thinksAbout(body, facts)).toBe(expected)
})
