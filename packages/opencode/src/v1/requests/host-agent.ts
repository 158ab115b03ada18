import type { Fetch } from "qwen-auth-core"

/** Returns the name by which the Coding Plan recognises OpenCode. */
export function hostAgent(version: string): string {
  return `opencode/${version}`
}

/**
 * Adds `opencode/<version>` to the start of each request's `User-Agent`, because the Coding Plan recognises OpenCode by
 * it. In chats OpenCode sends it itself, but in `opencode agent create` it sends only the SDK's name (observed in
 * 1.18.33).
 * @param version returns OpenCode's version; while it is undefined, the header is unchanged
 */
export function withHostAgent(fetch: Fetch, version: () => Promise<string | undefined>): Fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
    const agent = headers.get("user-agent") ?? ""
    if (agent.startsWith("opencode/")) return fetch(input, init)
    const known = await version()
    if (known === undefined) return fetch(input, init)
    headers.set("user-agent", `${hostAgent(known)} ${agent}`.trim())
    return fetch(input, { ...init, headers })
  }
}
