import { CODING_PLAN, PAY_AS_YOU_GO, planModels, TOKEN_PLAN } from "qwen-auth-core/internal"
import { endpointOf } from "qwen-auth-testing/key-endpoints"
import { credential, keyCredential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { modelsFor } from "./models.ts"
import { almaModelId, apiModelId } from "./qwen-models.ts"

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

const facts = (models: ReturnType<typeof modelsFor>) =>
  models.map(({ id, contextWindow, maxOutputTokens, capabilities: { vision, reasoning } }) => [
    id,
    contextWindow,
    maxOutputTokens,
    vision,
    reasoning,
  ])
const ids = (models: ReturnType<typeof modelsFor>) => models.map(({ id }) => id)
const keyOf = (plan: typeof CODING_PLAN) => keyCredential(endpointOf(plan))

describe("the models", () => {
  it.each([
    ["without a sign-in", {}],
    ["with an account", { credential: credential() }],
  ])("are the eight with their limits %s", (_, state) => expect(facts(modelsFor(state))).toEqual(EIGHT))

  it("have the fields that Alma lists", () => {
    expect(modelsFor({}).find(({ id }) => id === "qwen3-vl-plus")).toEqual({
      id: "qwen3-vl-plus",
      name: "Qwen3-VL Plus",
      description: "Qwen3-VL Plus (thinks, takes images)",
      contextWindow: 262_144,
      maxOutputTokens: 32_768,
      capabilities: {
        streaming: true,
        reasoning: true,
        vision: true,
        functionCalling: true,
        reasoningLevels: ["low", "medium", "high"],
      },
    })
    expect(modelsFor({})[0]?.description).toBe("Qwen3 Coder Plus")
    expect(modelsFor({})[0]?.capabilities).not.toHaveProperty("reasoningLevels")
  })

  it.each([
    ["glm-5.2", ["high", "max"]],
    ["glm-5.3", ["low", "high", "max"]],
    ["qwen3.8-max", ["low", "medium", "xhigh"]],
    ["glm-5", undefined],
    ["auto", undefined],
  ])("have their own levels of thinking: %s", (id, levels) => {
    const models = modelsFor({ credential: keyOf(TOKEN_PLAN) })
    expect(models.find((model) => model.id === id)?.capabilities.reasoningLevels).toEqual(levels)
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
    expect(facts(modelsFor({ credential: keyOf(plan) }))).toEqual(expected)
  })

  it("are the plan's and the rest of the eight with a pay-as-you-go key, each once", () => {
    const listed = ids(modelsFor({ credential: keyOf(PAY_AS_YOU_GO) }))
    expect(new Set(listed).size).toBe(listed.length)
    expect(listed).toEqual(expect.arrayContaining([...EIGHT.map(([id]) => id), "qwen3.7-plus"]))
  })

  it("have the same limits with a key and with an account", () => {
    const eight = new Map<string, unknown>(EIGHT.map((row) => [row[0], row]))
    for (const row of facts(modelsFor({ credential: keyOf(PAY_AS_YOU_GO) }))) {
      const known = eight.get(String(row[0]))
      if (known !== undefined) expect(row).toEqual(known)
    }
  })
})

describe("the service's list", () => {
  const listed = (plan: typeof CODING_PLAN, live: readonly string[]) =>
    ids(modelsFor({ credential: keyOf(plan) }, live))

  it("selects models of the plan, in the catalogue's order, and adds what the catalogue does not know", () => {
    const live = ["glm-5", "new-model", "qwen3-coder-plus", "text-embedding-v4"]
    expect(listed(CODING_PLAN, live)).toEqual(["qwen3-coder-plus", "glm-5", "new-model"])
  })

  it("does not count if it is empty, or without a key", () => {
    expect(listed(CODING_PLAN, [])).toEqual(ids(modelsFor({ credential: keyOf(CODING_PLAN) })))
    expect(modelsFor({}, ["glm-5"])).toEqual(modelsFor({}))
  })

  it("has the API's ids, and the selected models have Alma's", () => {
    const live = ["qwen3-235b-a22b-instruct-2507", "qwen3-32b"]
    expect(listed(PAY_AS_YOU_GO, live).sort()).toEqual(["qwen3-235b-a22b-instruct", "qwen3-32b"])
  })
})

describe("a model's id for the API", () => {
  it("is longer for one of the eight", () => {
    expect(apiModelId("qwen3-235b-a22b-instruct")).toBe("qwen3-235b-a22b-instruct-2507")
    expect(almaModelId("qwen3-235b-a22b-instruct-2507")).toBe("qwen3-235b-a22b-instruct")
  })

  it.each(["qwen3-235b-a22b-instruct-2507", "qwen3-235b-a22b-thinking-2507", "qwen3-max", "", "constructor"])(
    "is the id itself for %j",
    (id) => expect([apiModelId(id), almaModelId(apiModelId(id))]).toEqual([id, almaModelId(id)]),
  )
})
