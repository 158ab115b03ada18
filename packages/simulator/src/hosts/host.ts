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
  /** What stands before `/chat/completions` and `/models`. */
  basePath: string
  /** How its keys begin. */
  keyPrefix: string
}

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

export const REGIONS = ["international", "china", "us", "hongkong"] as const
export type Region = (typeof REGIONS)[number]

/** The two sites with a console, and with workspace hosts. */
export const SITES = ["international", "china"] as const
export type Site = (typeof SITES)[number]

/** The base URL a client is given for a plan's host. */
export function baseUrlOf(host: PlanHost): string {
  return `https://${host.name}${host.basePath}`
}
