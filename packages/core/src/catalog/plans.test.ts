import { describe, expect, it } from "vitest"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { oauthModel } from "./oauth-models.ts"
import { CODING_PLAN, endpointLabel, PAY_AS_YOU_GO, PLANS, planOf, TOKEN_PLAN } from "./plans.ts"

const SITES = PLANS.flatMap(({ endpoints: sites }) => sites)

function repeated(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index)
}

describe("the catalogue's plans", () => {
  it("are three, found by their id", () => {
    expect(PLANS).toEqual([CODING_PLAN, TOKEN_PLAN, PAY_AS_YOU_GO])
    for (const plan of PLANS) expect(planOf(plan.id)).toBe(plan)
  })

  it("have names and variables of their own", () => {
    expect(repeated(PLANS.map(({ name }) => name))).toEqual([])
    expect(PLANS.map(({ environmentVariable }) => environmentVariable)).toEqual([
      "BAILIAN_CODING_PLAN_API_KEY",
      "BAILIAN_TOKEN_PLAN_API_KEY",
      "DASHSCOPE_API_KEY",
    ])
  })
})

describe("the catalogue's places", () => {
  it("are the published ones", () => {
    expect(SITES.map((site) => [endpointLabel(site), site.baseUrl])).toEqual([
      ["Coding Plan (international)", "https://coding-intl.dashscope.aliyuncs.com/v1"],
      ["Coding Plan (China)", "https://coding.dashscope.aliyuncs.com/v1"],
      ["Token Plan (international)", "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"],
      ["Token Plan (China)", "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"],
      ["Pay as you go (international)", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"],
      ["Pay as you go (China)", "https://dashscope.aliyuncs.com/compatible-mode/v1"],
      ["Pay as you go (US)", "https://dashscope-us.aliyuncs.com/compatible-mode/v1"],
      ["Pay as you go (Hong Kong)", "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1"],
    ])
  })

  it.each(SITES)("$baseUrl may get a key, and is written as requests need it", ({ baseUrl }) => {
    expect(isAllowedApiUrl(new URL(baseUrl))).toBe(true)
    expect(baseUrl).toBe(new URL(baseUrl).href)
    expect(baseUrl).toMatch(/\/v1$/)
  })

  it.each(PLANS)("of $id are of that plan, each in a region of its own", ({ id, endpoints: sites }) => {
    expect(new Set(sites.map(({ plan }) => plan))).toEqual(new Set([id]))
    expect(repeated(sites.map(({ region }) => region))).toEqual([])
  })

  it("are each one plan's only", () => {
    expect(repeated(SITES.map(({ baseUrl }) => baseUrl))).toEqual([])
  })
})

describe.each(PLANS)("the catalogue's models of $id", ({ models, codingModels, visionModels }) => {
  it("are each there once", () => {
    expect(repeated(models.map(({ id }) => id.toLowerCase()))).toEqual([])
    expect(repeated(models.map(({ name }) => name))).toEqual([])
  })

  it("have ids that a request can carry, and names that a person can read", () => {
    for (const { id, name } of models) {
      expect(id).toMatch(/^[\w.-]{1,100}$/)
      expect(name).toMatch(/^\S[\w.() -]+\S$/)
    }
  })

  it("give out less than they take in", () => {
    for (const { contextTokens, outputTokens } of models) {
      expect(Number.isSafeInteger(contextTokens) && Number.isSafeInteger(outputTokens)).toBe(true)
      expect(outputTokens).toBeGreaterThan(0)
      expect(outputTokens).toBeLessThan(contextTokens)
    }
  })

  it("hold every stand-in for coder-model and vision-model", () => {
    const ids = models.map(({ id }) => id)
    for (const standIns of [codingModels, visionModels]) {
      expect(standIns.length).toBeGreaterThan(0)
      expect(repeated(standIns)).toEqual([])
      expect(standIns.filter((id) => !ids.includes(id))).toEqual([])
    }
  })

  it("have images for the first stand-in for vision-model", () => {
    expect(models.find(({ id }) => id === visionModels[0])?.imageInput).toBe(true)
  })

  it("that the OAuth route takes for a vision model do see", () => {
    for (const { id, imageInput } of models) expect(oauthModel(id).id !== "vision-model" || imageInput).toBe(true)
  })
})

describe("facts that differ between plans", () => {
  const facts = (plan: (typeof PLANS)[number], id: string) => plan.models.find((model) => model.id === id)

  it("are those of the plan", () => {
    expect([CODING_PLAN, TOKEN_PLAN].map((plan) => facts(plan, "qwen3.7-plus")?.imageInput)).toEqual([false, true])
    expect([CODING_PLAN, TOKEN_PLAN].map((plan) => facts(plan, "MiniMax-M2.5")?.thinking)).toEqual([true, false])
  })

  it.each([
    [CODING_PLAN, "qwen3.5-plus", 1_000_000, 65_536, true, true],
    [CODING_PLAN, "qwen3-coder-next", 262_144, 65_536, false, false],
    [CODING_PLAN, "glm-4.7", 202_752, 16_384, true, false],
    [CODING_PLAN, "kimi-k2.5", 262_144, 32_768, true, true],
    [TOKEN_PLAN, "deepseek-v3.2", 131_072, 32_768, false, false],
    [TOKEN_PLAN, "qwen3.8-max", 1_000_000, 65_536, true, true],
    [PAY_AS_YOU_GO, "qwen3-max", 262_144, 32_768, false, false],
    [PAY_AS_YOU_GO, "qwen3-vl-plus", 262_144, 32_768, true, true],
  ] as const)("%#: are the published ones", (plan, id, contextTokens, outputTokens, thinking, imageInput) => {
    expect(facts(plan, id)).toMatchObject({ contextTokens, outputTokens, thinking, imageInput })
  })
})
