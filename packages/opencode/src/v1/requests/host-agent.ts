import type { Fetch } from "qwen-auth-core"

/**
 * Makes the `User-Agent` of each request begin with `opencode/<version>`, by which the Coding Plan recognises OpenCode. In chats
 * OpenCode sends that itself; in `opencode agent create` its SDK sends the SDK's own name alone (observed in 1.18.33).
 * @param version OpenCode's; while it is unknown the header stays as it is
 */
export function withHostAgent(fetch: Fetch, version: () => Promise<string | undefined>): Fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
    const agent = headers.get("user-agent") ?? ""
    if (agent.startsWith("opencode/")) return fetch(input, init)
    const known = await version()
    if (known === undefined) return fetch(input, init)
    headers.set("user-agent", `opencode/${known} ${agent}`.trim())
    return fetch(input, { ...init, headers })
  }
}
