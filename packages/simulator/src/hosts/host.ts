/** The kind of a host, which determines its paths. `name` is its name in the log. */
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
  /** The owners of the keys that it accepts. */
  audience: Audience
  /** The path before `/chat/completions` and `/models`. */
  basePath: string
}

/**
 * The keys that a host accepts: those of its plan and region, those of the one workspace in its name, or those of every
 * workspace of its region.
 */
export type Audience = "region" | "workspace" | "trial"

/** A Model Studio console. */
export interface ConsoleHost {
  kind: "console"
  name: string
  site: Site
}

/** A host that the simulator does not play. */
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

/** The base URL of a plan's host for a client. */
export function baseUrlOf(host: PlanHost): string {
  return `https://${host.name}${host.basePath}`
}

/** The prefix of a key for a host. */
export function keyPrefixOf({ plan, audience }: PlanHost): string {
  if (plan !== "payg") return "sk-sp-"
  return audience === "region" ? "sk-" : "sk-ws-"
}

/** Whether a host accepts a key that was created for `home`. The old and new names of a product share their keys. */
export function takesKeysOf(host: PlanHost, home: PlanHost): boolean {
  if (host.name === home.name) return true
  if (host.plan !== home.plan || host.region !== home.region) return false
  if (host.audience === "trial") return home.audience === "workspace"
  return host.audience === "region" && home.audience === "region"
}
