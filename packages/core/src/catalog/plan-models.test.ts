import { repeatedValues } from "qwen-auth-testing/repeated-values"
import { describe, expect, it } from "vitest"
import { CODING_PLAN_IDS } from "./corrections.ts"
import { findModel } from "./find-model.ts"
import type { ModelFacts } from "./model-facts.ts"
import { oauthModel } from "./oauth-models.ts"
import { isChatModel } from "./offered-models.ts"
import { planModels } from "./plan-models.ts"
import { PLANS, type PlanId, planOf, type Region } from "./plans.ts"
import { thinkingLevels } from "./thinking-levels.ts"

const BOTH_SITES = ["international", "china"] as const
const LISTS = PLANS.flatMap(({ endpoints }) => endpoints).map(({ plan, region }) => ({ plan, region }))

/** The models of the Token Plan's Personal tier, according to its documentation. */
const PERSONAL_IDS = [
  ...["qwen3.8-max", "qwen3.8-flash", "qwen3.7-max", "qwen3.7-plus", "qwen3.6-flash", "deepseek-v4-pro"],
  ...["deepseek-v4-pro-0813", "deepseek-v4.1-flash", "deepseek-v4-flash-0731", "glm-5.3", "glm-5.2"],
]

type Tier = readonly [name: string, plan: PlanId, models: readonly ModelFacts[]]
/** The models that each plan and tier serves. */
const TIERS: readonly Tier[] = [
  ...LISTS.map(({ plan, region }): Tier => [`${plan}, ${region}`, plan, planModels(plan, region)]),
  ...BOTH_SITES.map(
    (region): Tier => [
      `token-plan Personal, ${region}`,
      "token-plan",
      planModels("token-plan", region).filter(({ id }) => PERSONAL_IDS.includes(id)),
    ],
  ),
]

const wholeAndPositive = (value: number) => Number.isSafeInteger(value) && value > 0

/** Returns a sentence about each absurd fact of a model. */
function absurdities(facts: ModelFacts): string[] {
  const { contextTokens, inputTokens = contextTokens, outputTokens, thinking } = facts
  const budget = thinking?.maxBudgetTokens ?? 1
  const levels = thinkingLevels(facts)
  return Object.entries({
    "a limit is not a number of tokens": ![contextTokens, inputTokens, outputTokens, budget].every(wholeAndPositive),
    "the output exceeds the context": outputTokens > contextTokens,
    "the input exceeds the context": inputTokens > contextTokens,
    "the budget exceeds the context": budget > contextTokens,
    "an effort is not a word": !(thinking?.efforts ?? []).every((effort) => /^[a-z]+$/.test(effort)),
    "a level occurs twice": new Set(levels).size < levels.length,
  }).flatMap(([what, absurd]) => (absurd ? [`${facts.id}: ${what}`] : []))
}

describe.each(LISTS)("the models of $plan, $region", ({ plan, region }) => {
  const models = planModels(plan, region)

  it("are at least ten, and each occurs once", () => {
    expect(models.length).toBeGreaterThan(9)
    expect(repeatedValues(models.map(({ id }) => id.toLowerCase()))).toEqual([])
    expect(repeatedValues(models.map(({ name }) => name))).toEqual([])
  })

  it("have valid ids and readable names", () => {
    for (const { id, name } of models) {
      expect(id).toMatch(/^[\w./-]{1,100}$/)
      expect(name).toMatch(/^\S[\w./() -]*\S$/)
    }
  })

  it("have no absurd facts", () => expect(models.flatMap(absurdities)).toEqual([]))

  it("are chat models", () => expect(models.filter(({ id }) => !isChatModel(id))).toEqual([]))

  it("accept images if the OAuth route treats them as vision models", () => {
    expect(models.filter(({ id, imageInput }) => oauthModel(id).id === "vision-model" && !imageInput)).toEqual([])
  })

  it("are found by their ids, which are case-sensitive", () => {
    for (const facts of models) expect(findModel(plan, region, facts.id)).toBe(facts)
    expect(findModel(plan, region, "minimax-m2.5")).toBeUndefined()
    expect(findModel(plan, region, "constructor")).toBeUndefined()
  })
})

describe("the check for absurd facts", () => {
  const [sound] = planModels("token-plan", "china")
  if (sound === undefined) throw new Error("no models")

  it.each([
    { outputTokens: 0 },
    { contextTokens: Number.NaN },
    { outputTokens: 1.5 },
    { outputTokens: sound.contextTokens + 1 },
    { inputTokens: sound.contextTokens + 1 },
    { inputTokens: -1 },
    { thinking: { toggle: true, efforts: [], maxBudgetTokens: sound.contextTokens + 1 } },
    { thinking: { toggle: true, efforts: [], maxBudgetTokens: 0 } },
    { thinking: { toggle: true, efforts: ["low", "low"] } },
    { thinking: { toggle: true, efforts: [""] } },
  ])("finds %j", (facts) => expect(absurdities({ ...sound, ...facts })).toHaveLength(1))
})

describe.each(TIERS)("the stand-ins in %s", (_, id, models) => {
  const served = new Map(models.map((facts) => [facts.id, facts]))
  const standIns = (ids: readonly string[]) => ids.flatMap((candidate) => served.get(candidate) ?? [])

  it("for coder-model and vision-model include at least two served models each", () => {
    const { codingModels, visionModels } = planOf(id)
    expect(standIns(codingModels).length).toBeGreaterThan(1)
    expect(standIns(visionModels).length).toBeGreaterThan(1)
    expect([...repeatedValues(codingModels), ...repeatedValues(visionModels)]).toEqual([])
  })

  it("for vision-model accept images", () => {
    expect(standIns(planOf(id).visionModels).filter(({ imageInput }) => !imageInput)).toEqual([])
  })
})

describe("the models that Alma lists", () => {
  it.each([
    ["qwen3-coder-plus", 1_000_000, 65_536, false, []],
    ["qwen3-coder-flash", 1_000_000, 65_536, false, []],
    ["qwen3-max", 262_144, 32_768, false, []],
    ["qwen3-max-preview", 262_144, 32_768, false, []],
    ["qwen3-vl-plus", 262_144, 32_768, true, ["none", "low", "medium", "high"]],
    ["qwen3-235b-a22b-thinking-2507", 131_072, 32_768, false, ["low", "medium", "high"]],
    ["qwen3-235b-a22b-instruct-2507", 131_072, 32_768, false, []],
    ["qwen3-32b", 131_072, 16_384, false, ["none", "low", "medium", "high"]],
  ])("have their documented facts: %s", (id, contextTokens, outputTokens, imageInput, levels) => {
    const facts = findModel("pay-as-you-go", "international", id)
    expect(facts).toMatchObject({ contextTokens, outputTokens, imageInput })
    if (facts !== undefined) expect(thinkingLevels(facts)).toEqual(levels)
    expect(findModel("pay-as-you-go", "china", id)).toMatchObject({ contextTokens, outputTokens, imageInput })
  })
})

describe("a correction of models.dev", () => {
  const of = (plan: PlanId, region: Region, id: string) => findModel(plan, region, id)

  it.each(BOTH_SITES)("gives the Coding Plan exactly ten models: %s", (region) => {
    expect(planModels("coding-plan", region).map(({ id }) => id)).toEqual(CODING_PLAN_IDS)
    expect(CODING_PLAN_IDS).toHaveLength(10)
  })

  it.each([
    ["qwen3.7-plus", 262_144],
    ["qwen3.6-plus", 81_920],
    ["qwen3.5-plus", 81_920],
    ["qwen3-max-2026-01-23", 81_920],
    ["kimi-k2.5", 81_920],
    ["glm-5", 32_768],
    ["glm-4.7", 32_768],
  ])("gives the Coding Plan's %s a switch for thinking and a budget of at most %d", (id, maxBudgetTokens) => {
    for (const region of BOTH_SITES) {
      expect(of("coding-plan", region, id)?.thinking).toEqual({ toggle: true, efforts: [], maxBudgetTokens })
    }
  })

  it("lets the Coding Plan's MiniMax always think and its coders never", () => {
    expect(of("coding-plan", "china", "MiniMax-M2.5")?.thinking).toEqual({ toggle: false, efforts: [] })
    for (const id of ["qwen3-coder-plus", "qwen3-coder-next"]) {
      expect(of("coding-plan", "international", id)).toMatchObject({ id, thinking: undefined })
    }
  })

  it.each(LISTS)(
    "limits the input of Qwen's models with a million tokens to 983 616: $plan, $region",
    ({ plan, region }) => {
      const million = planModels(plan, region).filter(({ contextTokens }) => contextTokens === 1_000_000)
      const limited = million.filter(({ inputTokens }) => inputTokens === 983_616).map(({ id }) => id)
      expect(limited).toEqual(million.map(({ id }) => id).filter((id) => id.startsWith("qwen")))
      expect(limited).toContain("qwen3.7-plus")
    },
  )

  it("gives qwen3-coder-plus a million tokens", () => {
    for (const region of BOTH_SITES) {
      expect(of("pay-as-you-go", region, "qwen3-coder-plus")?.contextTokens).toBe(1_000_000)
    }
  })

  it.each([
    ["coding-plan", "international", "qwen3.7-plus"],
    ["coding-plan", "china", "qwen3.7-plus"],
    ["token-plan", "china", "qwen3.7-plus"],
  ] as const)("lets %s, %s, %s accept images and videos", (plan, region, id) => {
    expect(of(plan, region, id)).toMatchObject({ imageInput: true, videoInput: true, pdfInput: false })
  })

  it("gives glm-5.2 efforts and no switch", () => {
    const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    for (const region of BOTH_SITES) {
      expect(of("pay-as-you-go", region, "glm-5.2")?.thinking).toEqual({ toggle: false, efforts })
      expect(of("token-plan", region, "glm-5.2")?.thinking).toEqual({ toggle: false, efforts: ["high", "max"] })
    }
  })

  it("adds auto to the Token Plan, which omits a model that another one answers for", () => {
    for (const region of BOTH_SITES) {
      expect(of("token-plan", region, "auto")?.thinking).toEqual({ toggle: false, efforts: [] })
      expect(of("token-plan", region, "qwen3.8-max-preview")).toBeUndefined()
    }
  })

  it("gives a budget without a maximum the maximum of China", () => {
    expect(of("pay-as-you-go", "international", "qwen3-vl-plus")?.thinking?.maxBudgetTokens).toBe(81_920)
    expect(of("pay-as-you-go", "us", "qwen-turbo")?.thinking?.maxBudgetTokens).toBe(38_912)
    expect(of("token-plan", "international", "kimi-k2.5")?.thinking?.maxBudgetTokens).toBe(81_920)
    expect(of("pay-as-you-go", "international", "qwen3.6-27b")?.thinking?.maxBudgetTokens).toBe(32_768)
  })
})

describe("the facts of a model", () => {
  it("are those of models.dev", () => {
    expect(findModel("token-plan", "international", "qwen3.8-max")).toEqual({
      id: "qwen3.8-max",
      name: "Qwen3.8 Max",
      contextTokens: 1_000_000,
      inputTokens: 983_616,
      outputTokens: 131_072,
      imageInput: true,
      videoInput: true,
      pdfInput: true,
      thinking: { toggle: true, efforts: ["low", "medium", "xhigh"], maxBudgetTokens: 262_144 },
      replaysThinking: true,
    })
    expect(findModel("coding-plan", "china", "MiniMax-M2.5")).toMatchObject({ inputTokens: 196_601 })
    expect(findModel("pay-as-you-go", "china", "kimi/kimi-k2.5")).toMatchObject({ contextTokens: 262_144 })
  })
})
