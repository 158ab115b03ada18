import * as v from "valibot"

const MOST_SERVERS = 16
const LONGEST_NAME = 40

const Status = v.object({ data: v.record(v.string(), v.unknown()) })
const Connected = v.object({ status: v.literal("connected") })

/**
 * What the names of the connected MCP servers' tools begin with, sorted. OpenCode 1.18 calls such a tool `<server>_<tool>` and
 * writes `_` for what a tool's name must not have (read in its code).
 * @param answer what the client's `mcp.status` answered
 */
export function mcpPrefixes(answer: unknown): string[] {
  const parsed = v.safeParse(Status, answer)
  if (!parsed.success) return []
  const prefixes = Object.entries(parsed.output.data)
    .filter(([name, status]) => name.length <= LONGEST_NAME && v.is(Connected, status))
    .map(([name]) => `${name.replace(/[^a-zA-Z0-9_-]/g, "_")}_`)
  return [...new Set(prefixes)].sort().slice(0, MOST_SERVERS)
}
