import type { ModelFacts } from "./model-facts.ts"
import { CODING_PLAN_MODELS, PAY_AS_YOU_GO_MODELS, TOKEN_PLAN_MODELS } from "./plan-models.ts"

/** How Model Studio is paid for. */
export const PLAN_IDS = ["coding-plan", "token-plan", "pay-as-you-go"] as const
export type PlanId = (typeof PLAN_IDS)[number]

/** Where an account lives; keys of one region are unknown in the others. */
export const REGIONS = ["international", "china", "us", "hongkong"] as const
export type Region = (typeof REGIONS)[number]

/** One of Model Studio's API addresses: a key of this plan and region works here. */
export interface ApiEndpoint {
  readonly plan: PlanId
  readonly region: Region
  /** `https://…/v1`, without a trailing slash. */
  readonly baseUrl: string
}

/** What a plan offers. */
export interface Plan {
  readonly id: PlanId
  readonly name: string
  /** The environment variable in which the official tools look for a key of this plan. */
  readonly environmentVariable: string
  /** In the order of preference of someone who does not know his region. */
  readonly endpoints: readonly ApiEndpoint[]
  /** The models known to be in the plan; the live list of the service replaces them where it can be had. */
  readonly models: readonly ModelFacts[]
  /** What `coder-model` and `vision-model`, the OAuth route's ids, stand for here: the first that is offered. */
  readonly codingModels: readonly string[]
  readonly visionModels: readonly string[]
}

function sites(plan: PlanId, baseUrls: Partial<Record<Region, string>>): readonly ApiEndpoint[] {
  return REGIONS.flatMap((region) => {
    const baseUrl = baseUrls[region]
    return baseUrl === undefined ? [] : [{ plan, region, baseUrl }]
  })
}

export const CODING_PLAN: Plan = {
  id: "coding-plan",
  name: "Coding Plan",
  environmentVariable: "BAILIAN_CODING_PLAN_API_KEY",
  endpoints: sites("coding-plan", {
    international: "https://coding-intl.dashscope.aliyuncs.com/v1",
    china: "https://coding.dashscope.aliyuncs.com/v1",
  }),
  models: CODING_PLAN_MODELS,
  codingModels: ["qwen3.7-plus", "qwen3-coder-plus", "qwen3.5-plus"],
  visionModels: ["qwen3.5-plus", "qwen3.6-plus", "kimi-k2.5"],
}

export const TOKEN_PLAN: Plan = {
  id: "token-plan",
  name: "Token Plan",
  environmentVariable: "BAILIAN_TOKEN_PLAN_API_KEY",
  endpoints: sites("token-plan", {
    international: "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
    china: "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
  }),
  models: TOKEN_PLAN_MODELS,
  codingModels: ["qwen3.7-plus", "qwen3.7-max", "qwen3.6-plus"],
  visionModels: ["qwen3.7-plus", "qwen3.6-plus", "kimi-k2.5"],
}

export const PAY_AS_YOU_GO: Plan = {
  id: "pay-as-you-go",
  name: "Pay as you go",
  environmentVariable: "DASHSCOPE_API_KEY",
  endpoints: sites("pay-as-you-go", {
    international: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    china: "https://dashscope.aliyuncs.com/compatible-mode/v1",
    us: "https://dashscope-us.aliyuncs.com/compatible-mode/v1",
    hongkong: "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1",
  }),
  models: PAY_AS_YOU_GO_MODELS,
  codingModels: ["qwen3.7-plus", "qwen3-coder-plus", "qwen3.6-plus"],
  visionModels: ["qwen3-vl-plus", "qwen3.6-plus", "qwen3.8-flash"],
}

/** Every plan of Model Studio, those with a fixed price first. */
export const PLANS: readonly Plan[] = [CODING_PLAN, TOKEN_PLAN, PAY_AS_YOU_GO]

/** The plan of an id. */
export function planOf(id: PlanId): Plan {
  return PLANS.find((plan) => plan.id === id) ?? PAY_AS_YOU_GO
}

const REGION_NAMES: Readonly<Record<Region, string>> = {
  international: "international",
  china: "China",
  us: "US",
  hongkong: "Hong Kong",
}

/** A place as a person calls it: `Coding Plan (international)`. */
export function endpointLabel({ plan, region }: Pick<ApiEndpoint, "plan" | "region">): string {
  return `${planOf(plan).name} (${REGION_NAMES[region]})`
}
