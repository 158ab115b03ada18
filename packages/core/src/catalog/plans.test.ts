import { describe, expect, it } from "vitest"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { oauthModel } from "./oauth-models.ts"
import { CODING_PLAN, endpointLabel, PAY_AS_YOU_GO, PLANS, planOf, TOKEN_PLAN } from "./plans.ts"

const ENDPOINTS = PLANS.flatMap(({ endpoints }) => endpoints)

function repeated(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index)
}

describe("the catalogue's plans", () => {
  it("are three and are found by id", () => {
    expect(PLANS).toEqual([CODING_PLAN, TOKEN_PLAN, PAY_AS_YOU_GO])
    for (const plan of PLANS) expect(planOf(plan.id)).toBe(plan)
  })

  it("have different names and environment variables", () => {
    expect(repeated(PLANS.map(({ name }) => name))).toEqual([])
    expect(PLANS.map(({ environmentVariable }) => environmentVariable)).toEqual([
      "BAILIAN_CODING_PLAN_API_KEY",
      "BAILIAN_TOKEN_PLAN_API_KEY",
      "DASHSCOPE_API_KEY",
    ])
  })
})

describe("the catalogue's endpoints", () => {
  it("are the published ones", () => {
    expect(ENDPOINTS.map((endpoint) => [endpointLabel(endpoint), endpoint.baseUrl])).toEqual([
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

  it.each(ENDPOINTS)("$baseUrl is an allowed API address in normal form", ({ baseUrl }) => {
    expect(isAllowedApiUrl(new URL(baseUrl))).toBe(true)
    expect(baseUrl).toBe(new URL(baseUrl).href)
    expect(baseUrl).toMatch(/\/v1$/)
  })

  it.each(PLANS)("of $id belong to that plan, each to a different region", ({ id, endpoints }) => {
    expect(new Set(endpoints.map(({ plan }) => plan))).toEqual(new Set([id]))
    expect(repeated(endpoints.map(({ region }) => region))).toEqual([])
  })

  it("belong to one plan each", () => {
    expect(repeated(ENDPOINTS.map(({ baseUrl }) => baseUrl))).toEqual([])
  })
})

describe.each(PLANS)("the catalogue's models of $id", ({ models, codingModels, visionModels }) => {
  it("are unique", () => {
    expect(repeated(models.map(({ id }) => id.toLowerCase()))).toEqual([])
    expect(repeated(models.map(({ name }) => name))).toEqual([])
  })

  it("have valid ids and readable names", () => {
    for (const { id, name } of models) {
      expect(id).toMatch(/^[\w.-]{1,100}$/)
      expect(name).toMatch(/^\S[\w.() -]+\S$/)
    }
  })

  it("have a smaller output limit than context window", () => {
    for (const { contextTokens, outputTokens } of models) {
      expect(Number.isSafeInteger(contextTokens) && Number.isSafeInteger(outputTokens)).toBe(true)
      expect(outputTokens).toBeGreaterThan(0)
      expect(outputTokens).toBeLessThan(contextTokens)
    }
  })

  it("include every model used for coder-model and vision-model", () => {
    const ids = models.map(({ id }) => id)
    for (const used of [codingModels, visionModels]) {
      expect(used.length).toBeGreaterThan(0)
      expect(repeated(used)).toEqual([])
      expect(used.filter((id) => !ids.includes(id))).toEqual([])
    }
  })

  it("accept images with the first model used for vision-model", () => {
    expect(models.find(({ id }) => id === visionModels[0])?.imageInput).toBe(true)
  })

  it("accept images if the OAuth route treats them as vision models", () => {
    for (const { id, imageInput } of models) expect(oauthModel(id).id !== "vision-model" || imageInput).toBe(true)
  })
})

describe("the properties of a plan's models", () => {
  const facts = (plan: (typeof PLANS)[number], id: string) => plan.models.find((model) => model.id === id)

  it("may differ between plans", () => {
    expect([CODING_PLAN, TOKEN_PLAN].map((plan) => facts(plan, "qwen3.7-plus")?.imageInput)).toEqual([false, true])
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
  ] as const)("are the published ones (%#)", (plan, id, contextTokens, outputTokens, thinking, imageInput) => {
    expect(facts(plan, id)).toMatchObject({ contextTokens, outputTokens, imageInput })
    expect(facts(plan, id)?.thinking !== undefined).toBe(thinking)
  })
})
