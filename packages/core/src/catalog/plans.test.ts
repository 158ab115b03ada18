import { repeatedValues } from "qwen-auth-testing/repeated-values"
import { describe, expect, it } from "vitest"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { CODING_PLAN, endpointLabel, PAY_AS_YOU_GO, PLANS, planOf, TOKEN_PLAN } from "./plans.ts"

const ENDPOINTS = PLANS.flatMap(({ endpoints }) => endpoints)

describe("the catalogue's plans", () => {
  it("are three, and each is found by its id", () => {
    expect(PLANS).toEqual([CODING_PLAN, TOKEN_PLAN, PAY_AS_YOU_GO])
    for (const plan of PLANS) expect(planOf(plan.id)).toBe(plan)
  })

  it("have different names and environment variables", () => {
    expect(repeatedValues(PLANS.map(({ name }) => name))).toEqual([])
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
    expect(repeatedValues(endpoints.map(({ region }) => region))).toEqual([])
  })

  it("belong to one plan each", () => {
    expect(repeatedValues(ENDPOINTS.map(({ baseUrl }) => baseUrl))).toEqual([])
  })
})
