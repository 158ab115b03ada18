/** What a host is, and so what is at its paths. `name` is what the log says. */
export type Host = LoopbackHost | QwenHost | PlanHost | ConsoleHost | UnknownHost

/** The simulator under its own address: the OAuth route, and the control endpoints. */
interface LoopbackHost {
  kind: "loopback"
  name: string
}

/** `qwen.ai` and its subdomains: the OAuth route. */
interface QwenHost {
  kind: "qwen"
  name: string
}

/** A host of the chat API that takes API keys. */
export interface PlanHost {
  kind: "plan"
  name: string
  plan: Plan
  region: Region
  /** Whose keys it takes. */
  audience: Audience
  /** What stands before `/chat/completions` and `/models`. */
  basePath: string
}

/**
 * Whose keys a host takes: those of its plan and region, those of the one workspace in its name, or those of every
 * workspace of its region.
 */
export type Audience = "region" | "workspace" | "trial"

/** A Model Studio console. */
export interface ConsoleHost {
  kind: "console"
  name: string
  site: Site
}

/** No host the simulator plays. */
interface UnknownHost {
  kind: "unknown"
  name: string
}

export const PLANS = ["coding", "token", "payg"] as const
export type Plan = (typeof PLANS)[number]

export const REGIONS = ["international", "china", "us", "hongkong", "tokyo", "frankfurt"] as const
export type Region = (typeof REGIONS)[number]

/** The two sites with a console. */
export const SITES = ["international", "china"] as const
export type Site = (typeof SITES)[number]

/** The base URL a client is given for a plan's host. */
export function baseUrlOf(host: PlanHost): string {
  return `https://${host.name}${host.basePath}`
}

/** How a key made for a host begins. */
export function keyPrefixOf({ plan, audience }: PlanHost): string {
  if (plan !== "payg") return "sk-sp-"
  return audience === "region" ? "sk-" : "sk-ws-"
}

/** Whether a host takes a key that was made for `home`: old and new names of one product share their keys. */
export function takesKeysOf(host: PlanHost, home: PlanHost): boolean {
  if (host.name === home.name) return true
  if (host.plan !== home.plan || host.region !== home.region) return false
  if (host.audience === "trial") return home.audience === "workspace"
  return host.audience === "region" && home.audience === "region"
}
