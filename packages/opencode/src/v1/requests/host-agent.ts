import type { PluginInput } from "@opencode-ai/plugin"
import type { Fetch } from "qwen-auth-core"
import * as v from "valibot"
import { HOST_TIMEOUT_MS } from "../host/host-timeout.ts"

/**
 * Returns `opencode/<version>`, by which the Coding Plan recognises OpenCode; undefined while the version is unknown.
 */
export type HostAgent = () => Promise<string | undefined>

const Health = v.object({ data: v.object({ version: v.pipe(v.string(), v.regex(/^[\w.+-]{1,40}$/)) }) })

/**
 * Creates a function that requests OpenCode's version once. A plugin gets the version neither as an argument nor in the
 * environment, and its client has no method for it. The client's other methods accept a different `url` (observed in
 * 1.18.33).
 */
export function hostAgent(client: Pick<PluginInput["client"], "path">): HostAgent {
  let agent: string | undefined
  return async () => {
    if (agent !== undefined) return agent
    try {
      const options = { url: "/global/health", signal: AbortSignal.timeout(HOST_TIMEOUT_MS) }
      agent = `opencode/${v.parse(Health, await client.path.get(options)).data.version}`
    } catch {
      // The next call requests it again.
    }
    return agent
  }
}

/**
 * Adds OpenCode's name to the start of each request's `User-Agent`. In chats OpenCode sends it itself, but in `opencode
 * agent create` it sends only the SDK's name (observed in 1.18.33). Without a known version the header is unchanged.
 */
export function withHostAgent(fetch: Fetch, hostAgent: HostAgent): Fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
    const agent = headers.get("user-agent") ?? ""
    if (agent.startsWith("opencode/")) return fetch(input, init)
    const known = await hostAgent()
    if (known === undefined) return fetch(input, init)
    headers.set("user-agent", `${known} ${agent}`.trim())
    return fetch(input, { ...init, headers })
  }
}
