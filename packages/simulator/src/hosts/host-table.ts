import type { ConsoleHost, Host, Plan, PlanHost, Region, Site } from "./host.ts"

/** Pay-as-you-go hosts whose first label is a workspace are found by their form instead. */
const PLAN_HOSTS: Readonly<Record<Plan, Partial<Record<Region, PlanHost>>>> = {
  coding: {
    international: planHostAt("coding", "coding-intl.dashscope.aliyuncs.com"),
    china: planHostAt("coding", "coding.dashscope.aliyuncs.com"),
  },
  token: {
    international: planHostAt("token", "token-plan.ap-southeast-1.maas.aliyuncs.com"),
    china: planHostAt("token", "token-plan.cn-beijing.maas.aliyuncs.com"),
  },
  payg: {
    international: planHostAt("payg", "dashscope-intl.aliyuncs.com"),
    china: planHostAt("payg", "dashscope.aliyuncs.com"),
    us: planHostAt("payg", "dashscope-us.aliyuncs.com"),
    hongkong: planHostAt("payg", "cn-hongkong.dashscope.aliyuncs.com"),
  },
}

const CONSOLE_HOSTS: Readonly<Record<Site, ConsoleHost>> = {
  international: { kind: "console", name: "modelstudio.console.alibabacloud.com", site: "international" },
  china: { kind: "console", name: "bailian.console.aliyun.com", site: "china" },
}

/** The region in a workspace host's name. */
export const WORKSPACE_REGIONS: Readonly<Record<Site, string>> = {
  international: "ap-southeast-1",
  china: "cn-beijing",
}

const FIXED_HOSTS: ReadonlyMap<string, Host> = new Map(
  [...Object.values(PLAN_HOSTS).flatMap((hosts) => Object.values(hosts)), ...Object.values(CONSOLE_HOSTS)].map(
    (host) => [host.name, host],
  ),
)

/** Every name a certificate must be good for; `*` stands for one label. */
export const CERTIFIED_NAMES: readonly string[] = [
  "qwen.ai",
  "*.qwen.ai",
  ...FIXED_HOSTS.keys(),
  ...Object.values(WORKSPACE_REGIONS).map((region) => `*.${region}.maas.aliyuncs.com`),
]

/** The host of a name, in whatever case it was written. */
export function hostNamed(written: string): Host {
  const name = written.toLowerCase()
  const fixed = FIXED_HOSTS.get(name)
  if (fixed !== undefined) return fixed
  if (/^([a-z0-9-]+\.)?qwen\.ai$/.test(name)) return { kind: "qwen", name }
  const [workspace = "", ...rest] = name.split(".")
  const inRegion = Object.values(WORKSPACE_REGIONS).some((region) => rest.join(".") === `${region}.maas.aliyuncs.com`)
  return inRegion && isWorkspaceId(workspace) ? workspaceHostAt(name) : { kind: "unknown", name }
}

/** The host of a plan in a region; undefined: the plan is not sold there. */
export function planHost(plan: Plan, region: Region): PlanHost | undefined {
  return PLAN_HOSTS[plan][region]
}

/** The pay-as-you-go host of one workspace. */
export function workspaceHost(workspace: string, site: Site): PlanHost {
  return workspaceHostAt(`${workspace}.${WORKSPACE_REGIONS[site]}.maas.aliyuncs.com`)
}

export function consoleHost(site: Site): ConsoleHost {
  return CONSOLE_HOSTS[site]
}

/** Whether a text can be the first label of a workspace host. */
export function isWorkspaceId(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text) && text !== "token-plan"
}

function planHostAt(plan: Plan, name: string): PlanHost {
  const basePath = plan === "coding" ? "/v1" : "/compatible-mode/v1"
  return { kind: "plan", name, plan, basePath, keyPrefix: plan === "payg" ? "sk-" : "sk-sp-" }
}

function workspaceHostAt(name: string): PlanHost {
  return { ...planHostAt("payg", name), keyPrefix: "sk-ws-" }
}
