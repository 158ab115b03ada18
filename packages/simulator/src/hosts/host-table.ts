import {
  type Audience,
  type ConsoleHost,
  type Host,
  PLANS,
  type Plan,
  type PlanHost,
  REGIONS,
  type Region,
  type Site,
} from "./host.ts"

/**
 * The names of the hosts of each plan and region. The first is the host of a new key, the second its name
 * under `qwencloudapi.com` or `qianwenaiapi.com`.
 */
const PLAN_HOSTS: Readonly<Record<Plan, Partial<Record<Region, readonly [string, ...string[]]>>>> = {
  coding: {
    international: ["coding-intl.dashscope.aliyuncs.com"],
    china: ["coding.dashscope.aliyuncs.com"],
  },
  token: {
    international: ["token-plan.ap-southeast-1.maas.aliyuncs.com", "token-plan.maas.qwencloudapi.com"],
    china: ["token-plan.cn-beijing.maas.aliyuncs.com", "token-plan.maas.qianwenaiapi.com"],
  },
  payg: {
    international: ["dashscope-intl.aliyuncs.com", "maas.qwencloudapi.com"],
    china: ["dashscope.aliyuncs.com", "maas.qianwenaiapi.com"],
    us: ["dashscope-us.aliyuncs.com"],
    hongkong: ["cn-hongkong.dashscope.aliyuncs.com"],
  },
}

const CONSOLE_HOSTS: Readonly<Record<Site, ConsoleHost>> = {
  international: { kind: "console", name: "modelstudio.console.alibabacloud.com", site: "international" },
  china: { kind: "console", name: "bailian.console.aliyun.com", site: "china" },
}

/** The names of each region in workspace hosts. New workspaces are in the first. */
const WORKSPACE_REGIONS: Readonly<Record<Region, readonly [string, ...string[]]>> = {
  international: ["ap-southeast-1"],
  china: ["cn-beijing"],
  us: ["us-east-1", "us-west-1"],
  hongkong: ["cn-hongkong"],
  tokyo: ["ap-northeast-1"],
  frankfurt: ["eu-central-1"],
}

const TRIAL_REGIONS: readonly Region[] = ["china", "international", "hongkong"]

const FIXED_HOSTS: ReadonlyMap<string, Host> = new Map(
  [
    ...PLANS.flatMap((plan) => REGIONS.flatMap((region) => sharedHosts(plan, region))),
    ...TRIAL_REGIONS.map((region) => maasHost("trial", region, WORKSPACE_REGIONS[region][0], "trial")),
    ...Object.values(CONSOLE_HOSTS),
  ].map((host) => [host.name, host]),
)

/** The region of a workspace host, by the part of the name after the workspace. */
const REGION_BY_DOMAIN: ReadonlyMap<string, Region> = new Map(
  REGIONS.flatMap((region) =>
    WORKSPACE_REGIONS[region].map((code): [string, Region] => [`${code}.maas.aliyuncs.com`, region]),
  ),
)

/** All names for the certificate. `*` matches one label. */
export const CERTIFIED_NAMES: readonly string[] = [
  "qwen.ai",
  "*.qwen.ai",
  ...FIXED_HOSTS.keys(),
  ...[...REGION_BY_DOMAIN.keys()].map((domain) => `*.${domain}`),
]

/** The host with a name. Case does not matter. */
export function hostNamed(written: string): Host {
  const name = written.toLowerCase()
  const fixed = FIXED_HOSTS.get(name)
  if (fixed !== undefined) return fixed
  if (/^([a-z0-9-]+\.)?qwen\.ai$/.test(name)) return { kind: "qwen", name }
  const [workspace = "", ...rest] = name.split(".")
  const [code = ""] = rest
  const region = REGION_BY_DOMAIN.get(rest.join("."))
  if (region === undefined || !isWorkspaceId(workspace)) return { kind: "unknown", name }
  return maasHost(workspace, region, code, "workspace")
}

/** The host for new keys of a plan in a region; `undefined` if the plan is not sold there. */
export function planHost(plan: Plan, region: Region): PlanHost | undefined {
  return sharedHosts(plan, region)[0]
}

/** The regions in which a plan has a shared host. */
export function regionsOf(plan: Plan): string[] {
  return Object.keys(PLAN_HOSTS[plan])
}

/** The pay-as-you-go host of one workspace. */
export function workspaceHost(workspace: string, region: Region): PlanHost {
  return maasHost(workspace, region, regionCodeOf(region), "workspace")
}

/** The name of a region in the host of a new workspace. */
export function regionCodeOf(region: Region): string {
  return WORKSPACE_REGIONS[region][0]
}

export function consoleHost(site: Site): ConsoleHost {
  return CONSOLE_HOSTS[site]
}

/** Whether a text can be the first label of a workspace host. */
export function isWorkspaceId(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text) && text !== "token-plan" && text !== "trial"
}

function sharedHosts(plan: Plan, region: Region): PlanHost[] {
  return (PLAN_HOSTS[plan][region] ?? []).map((name) => sharedHost(plan, region, name))
}

function sharedHost(plan: Plan, region: Region, name: string): PlanHost {
  const basePath = plan === "coding" ? "/v1" : "/compatible-mode/v1"
  return { kind: "plan", name, plan, region, audience: "region", basePath }
}

function maasHost(label: string, region: Region, code: string, audience: Audience): PlanHost {
  const name = `${label}.${code}.maas.aliyuncs.com`
  return { ...sharedHost("payg", region, name), audience }
}
