import { CODING_PLAN, PAY_AS_YOU_GO, PLANS, planModels, TOKEN_PLAN } from "qwen-auth-core/internal"
import { describe, expect, it } from "vitest"
import { apiModelId } from "./model-id.ts"
import { allModels, modelsOf } from "./models.ts"

const MILLION = 1_000_000

/** The models that Alma lists, with the service's limits: id, context tokens, output tokens, image input, thinking. */
const EIGHT = [
  ["qwen3-coder-plus", MILLION, 65_536, false, false],
  ["qwen3-coder-flash", MILLION, 65_536, false, false],
  ["qwen3-max", 262_144, 32_768, false, false],
  ["qwen3-max-preview", 262_144, 32_768, false, false],
  ["qwen3-vl-plus", 262_144, 32_768, true, true],
  ["qwen3-235b-a22b-thinking-2507", 131_072, 32_768, false, true],
  ["qwen3-235b-a22b-instruct", 131_072, 32_768, false, false],
  ["qwen3-32b", 131_072, 16_384, false, true],
] as const

const facts = (models: ReturnType<typeof modelsOf>) =>
  models.map(({ id, contextWindow, maxOutputTokens, capabilities: { vision, reasoning } }) => [
    id,
    contextWindow,
    maxOutputTokens,
    vision,
    reasoning,
  ])
const ids = (models: ReturnType<typeof modelsOf>) => models.map(({ id }) => id)
const keyOf = ({ id }: typeof CODING_PLAN, region: "international" | "china" = "international") => ({
  plan: id,
  region,
})

describe("the models of a sign-in", () => {
  it("are the eight of an account, with their limits, without a key", () =>
    expect(facts(modelsOf(undefined))).toEqual(EIGHT))

  it("have the fields that Alma and public plugins use", () => {
    expect(modelsOf(undefined).find(({ id }) => id === "qwen3-vl-plus")).toEqual({
      id: "qwen3-vl-plus",
      name: "Qwen3-VL Plus",
      description: "Qwen3-VL Plus (thinks, takes images)",
      contextWindow: 262_144,
      maxOutputTokens: 32_768,
      capabilities: {
        streaming: true,
        reasoning: true,
        functionCalling: true,
        vision: true,
        attachment: true,
        input: { text: true, image: true },
        output: { text: true },
        reasoningLevels: ["low", "medium", "high"],
      },
    })
    expect(modelsOf(undefined)[0]?.description).toBe("Qwen3 Coder Plus")
    expect(modelsOf(undefined)[0]?.capabilities).not.toHaveProperty("reasoningLevels")
  })

  it("say in every form whether a model takes images", () => {
    for (const { capabilities } of allModels(undefined, {})) {
      expect([capabilities.attachment, capabilities.input.image]).toEqual([capabilities.vision, capabilities.vision])
    }
  })

  it.each([
    ["glm-5.2", ["high", "max"]],
    ["glm-5.3", ["low", "high", "max"]],
    ["qwen3.8-max", ["low", "medium", "xhigh"]],
    ["glm-5", undefined],
    ["auto", undefined],
  ])("have their own levels of thinking: %s", (id, levels) => {
    const model = modelsOf(keyOf(TOKEN_PLAN)).find((one) => one.id === id)
    expect(model?.capabilities.reasoningLevels).toEqual(levels)
  })

  it.each([CODING_PLAN, TOKEN_PLAN])("are the plan's with a key of the $name", (plan) => {
    const expected = planModels(plan.id, "international").map(
      ({ id, contextTokens, outputTokens, imageInput, thinking }) => [
        id,
        contextTokens,
        outputTokens,
        imageInput,
        thinking !== undefined,
      ],
    )
    expect(facts(modelsOf(keyOf(plan)))).toEqual(expected)
  })

  it("are the plan's and the rest of the eight with a pay-as-you-go key, each once", () => {
    const listed = ids(modelsOf(keyOf(PAY_AS_YOU_GO)))
    expect(new Set(listed).size).toBe(listed.length)
    expect(listed).toEqual(expect.arrayContaining([...EIGHT.map(([id]) => id), "qwen3.7-plus"]))
  })
})

describe("the service's list", () => {
  const listed = (plan: typeof CODING_PLAN, live: readonly string[]) => ids(modelsOf(keyOf(plan), live))

  it("selects models of the plan, in the catalogue's order, and adds what the catalogue does not know", () => {
    const live = ["glm-5", "new-model", "qwen3-coder-plus", "text-embedding-v4"]
    expect(listed(CODING_PLAN, live)).toEqual(["qwen3-coder-plus", "glm-5", "new-model"])
  })

  it("does not count if it has no chat model, or without a key", () => {
    for (const live of [[], ["text-embedding-v4"]]) expect(listed(CODING_PLAN, live)).toHaveLength(10)
    expect(modelsOf(undefined, ["glm-5"])).toEqual(modelsOf(undefined))
  })

  it("has the API's ids, and the selected models have Alma's", () => {
    const live = ["qwen3-235b-a22b-instruct-2507", "qwen3-32b"]
    expect(listed(PAY_AS_YOU_GO, live).sort()).toEqual(["qwen3-235b-a22b-instruct", "qwen3-32b"])
  })
})

describe("all models", () => {
  const keys = [undefined, ...PLANS.flatMap((plan) => [keyOf(plan), keyOf(plan, "china")])]

  it("are the same under every sign-in, each once, those of the current one first", () => {
    const expected = [...new Set(keys.flatMap((key) => ids(modelsOf(key))))].sort()
    for (const key of keys) {
      const all = ids(allModels(key, {}))
      expect([...all].sort()).toEqual(expected)
      expect(all.slice(0, modelsOf(key).length)).toEqual(ids(modelsOf(key)))
    }
  })

  it("include what the service listed once, and none that cannot chat", () => {
    const all = ids(allModels(undefined, { "token-plan": ["brand-new", "wan2.6-t2v"], "coding-plan": [] }))
    expect(all.filter((id) => ["brand-new", "wan2.6-t2v"].includes(id))).toEqual(["brand-new"])
    expect(all).toEqual(expect.arrayContaining(ids(modelsOf(keyOf(CODING_PLAN)))))
  })
})

describe("a model's id for the API", () => {
  it("is longer for one of the eight", () => {
    expect(apiModelId("qwen3-235b-a22b-instruct")).toBe("qwen3-235b-a22b-instruct-2507")
  })

  it.each(["qwen3-max", "qwen3-235b-a22b-instruct"])("is without this plugin's own qualification: %s", (id) => {
    for (const prefix of ["qwen-auth:qwen:", "plugin:qwen-auth:qwen:"]) {
      expect(apiModelId(prefix + id)).toBe(apiModelId(id))
    }
  })

  it.each([
    "qwen3-235b-a22b-instruct-2507",
    "qwen3-235b-a22b-thinking-2507",
    "qwen3-max",
    "",
    "constructor",
    "openai:gpt-9",
    "plugin:other:qwen:qwen3-max",
    "qwen-auth:other:qwen3-max",
    "qwen:qwen3-max",
    "other:plugin:qwen-auth:qwen:qwen3-max",
  ])("is the id itself for %j", (id) => expect(apiModelId(id)).toBe(id))
})
