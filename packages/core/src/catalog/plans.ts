/** The ids of Model Studio's plans. */
export const PLAN_IDS = ["coding-plan", "token-plan", "pay-as-you-go"] as const
/** The id of a Model Studio plan. */
export type PlanId = (typeof PLAN_IDS)[number]

/** The regions of Model Studio accounts. A key of one region is not valid in the others. */
export const REGIONS = ["international", "china", "us", "hongkong", "tokyo", "frankfurt"] as const
/** The region of a Model Studio account. */
export type Region = (typeof REGIONS)[number]

/** An endpoint of Model Studio's API, which accepts the keys of one plan and region. */
export interface ApiEndpoint {
  readonly plan: PlanId
  readonly region: Region
  /** `https://…/v1`, without a trailing slash. */
  readonly baseUrl: string
}

/** A plan of Model Studio. */
export interface Plan {
  readonly id: PlanId
  readonly name: string
  /** The environment variable from which the official tools read a key of this plan. */
  readonly environmentVariable: string
  /** The most common region comes first. */
  readonly endpoints: readonly ApiEndpoint[]
  /** The models used for the OAuth route's id `coder-model`. The first one that the service offers is used. */
  readonly codingModels: readonly string[]
  /** The same for the OAuth route's id `vision-model`. */
  readonly visionModels: readonly string[]
}

function endpoints(plan: PlanId, baseUrls: Partial<Record<Region, string>>): readonly ApiEndpoint[] {
  return REGIONS.flatMap((region) => {
    const baseUrl = baseUrls[region]
    return baseUrl === undefined ? [] : [{ plan, region, baseUrl }]
  })
}

/** The Coding Plan. */
export const CODING_PLAN: Plan = {
  id: "coding-plan",
  name: "Coding Plan",
  environmentVariable: "BAILIAN_CODING_PLAN_API_KEY",
  endpoints: endpoints("coding-plan", {
    international: "https://coding-intl.dashscope.aliyuncs.com/v1",
    china: "https://coding.dashscope.aliyuncs.com/v1",
  }),
  codingModels: ["qwen3.7-plus", "qwen3-coder-plus", "qwen3.6-plus"],
  visionModels: ["qwen3.7-plus", "qwen3.6-plus", "kimi-k2.5"],
}

/** The Token Plan. */
export const TOKEN_PLAN: Plan = {
  id: "token-plan",
  name: "Token Plan",
  environmentVariable: "BAILIAN_TOKEN_PLAN_API_KEY",
  endpoints: endpoints("token-plan", {
    international: "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
    china: "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
  }),
  // The tiers serve different models. Both of each list's first two are in all of them.
  codingModels: ["qwen3.7-plus", "qwen3.8-flash", "qwen3.6-plus"],
  visionModels: ["qwen3.7-plus", "qwen3.8-flash", "qwen3.6-plus"],
}

/** Pay as you go. Each request costs money. */
export const PAY_AS_YOU_GO: Plan = {
  id: "pay-as-you-go",
  name: "Pay as you go",
  environmentVariable: "DASHSCOPE_API_KEY",
  endpoints: endpoints("pay-as-you-go", {
    international: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    china: "https://dashscope.aliyuncs.com/compatible-mode/v1",
    us: "https://dashscope-us.aliyuncs.com/compatible-mode/v1",
    hongkong: "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1",
  }),
  codingModels: ["qwen3.7-plus", "qwen3-coder-plus", "qwen3.6-plus"],
  visionModels: ["qwen3-vl-plus", "qwen3.6-plus", "qwen3.8-flash"],
}

/** All plans of Model Studio. Those with a fixed price come first. */
export const PLANS: readonly Plan[] = [CODING_PLAN, TOKEN_PLAN, PAY_AS_YOU_GO]

/** Returns the plan with an id. */
export function planOf(id: PlanId): Plan {
  return PLANS.find((plan) => plan.id === id) ?? PAY_AS_YOU_GO
}

const REGION_NAMES: Readonly<Record<Region, string>> = {
  international: "international",
  china: "China",
  us: "US",
  hongkong: "Hong Kong",
  tokyo: "Tokyo",
  frankfurt: "Frankfurt",
}

/** The host of a region that accepts the keys of every workspace, for a trial. */
const TRIAL_HOST = /^https:\/\/trial\.[^/]+\.maas\.aliyuncs\.com(?:\/|$)/

/**
 * Returns the label of an endpoint for the user: `Coding Plan (international)`, or `Pay as you go (China, trial host)`.
 * @param endpoint `baseUrl` is optional; without it, a trial host is not named
 */
export function endpointLabel({
  plan,
  region,
  baseUrl = "",
}: Pick<ApiEndpoint, "plan" | "region"> & { readonly baseUrl?: string }): string {
  const trial = TRIAL_HOST.test(baseUrl) ? ", trial host" : ""
  return `${planOf(plan).name} (${REGION_NAMES[region]}${trial})`
}

/** The pages on which users create and copy API keys. */
export const KEY_PAGES = {
  international: "https://home.qwencloud.com/api-keys",
  china: "https://platform.qianwenai.com/home/api-keys",
} as const
