import * as v from "valibot"

const MAX_SERVERS = 16
const MAX_NAME_LENGTH = 40

const Status = v.object({ data: v.record(v.string(), v.unknown()) })
const Connected = v.object({ status: v.literal("connected") })

/**
 * Returns the prefixes of the connected MCP servers' tools, sorted. OpenCode 1.18 names such a tool `<server>_<tool>`
 * and replaces characters that a tool name must not contain with `_` (read in its code).
 * @param answer the response of the client's `mcp.status`
 */
export function mcpPrefixes(answer: unknown): string[] {
  const parsed = v.safeParse(Status, answer)
  if (!parsed.success) return []
  const prefixes = Object.entries(parsed.output.data)
    .filter(([name, status]) => name.length <= MAX_NAME_LENGTH && v.is(Connected, status))
    .map(([name]) => `${name.replace(/[^a-zA-Z0-9_-]/g, "_")}_`)
  return [...new Set(prefixes)].sort().slice(0, MAX_SERVERS)
}
