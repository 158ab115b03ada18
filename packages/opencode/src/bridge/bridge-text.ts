import type { OfferedTool } from "./offered-tools.ts"
import { CODE_MODE, type StandIn, TRAINED_TOOLS } from "./tool-names.ts"

const INTRODUCTION = `# Tool names
Tools here may have other names and parameters than those you know. Call only tools offered in this conversation, with exactly their names and parameters; no other tool exists. If none are offered, ignore this.
Name you know → tool here (? = optional):`

type Parameters = NonNullable<OfferedTool["parameters"]>

/**
 * What a model is told about the names of its tools. The same tools give the same text, whatever their order, and nothing else
 * is in it: the provider's prompt cache holds only while the text stays as it is. OpenCode offers an agent fewer tools when its
 * permissions say so, and its title agent none, without telling the hook: hence the second and the last sentence above the list.
 * @param offered the tools that OpenCode has for the model; of two with one id the later counts, as in OpenCode
 * @param mcpPrefixes what the names of MCP servers' tools begin with, sorted
 * @returns undefined when none of the tools is known
 */
export function bridgeText(offered: readonly OfferedTool[], mcpPrefixes: readonly string[]): string | undefined {
  const tools = new Map(offered.map((tool) => [tool.id, tool]))
  const lines = new Map<string, { names: string[]; notes: string[] }>()
  const missing: string[] = []
  for (const { names: all, standIns } of TRAINED_TOOLS) {
    const standIn = standIns.find((candidate) => stands(candidate, tools))
    // A plugin may offer a tool under a trained name: that one is meant then.
    const names = all.filter((name) => name === standIn?.id || !tools.has(name))
    if (names.length === 0) continue
    if (standIn === undefined) {
      missing.push(...names)
      continue
    }
    const line = lines.get(standIn.id) ?? { names: [], notes: [] }
    line.names.push(...names)
    if (standIn.note !== undefined) line.notes.push(`; ${standIn.note}`)
    lines.set(standIn.id, line)
  }
  if (lines.size === 0) return undefined
  const text = [INTRODUCTION]
  for (const [id, { names, notes }] of lines) {
    text.push(`- ${names.join(", ")} → ${id}${signature(tools.get(id)?.parameters)}${notes.join("")}`)
  }
  if (mcpPrefixes.length > 0 && !tools.has(CODE_MODE)) {
    text.push(`- mcp__<server>__<tool> → tools whose names begin with ${mcpPrefixes.join(", ")}`)
  }
  if (missing.length > 0) text.push(`Not available: ${missing.join(", ")}`)
  return text.join("\n")
}

function stands({ id, says }: StandIn, tools: ReadonlyMap<string, OfferedTool>): boolean {
  const tool = tools.get(id)
  return tool !== undefined && (says === undefined || says.test(tool.description))
}

function signature(parameters: Parameters | undefined): string {
  return parameters === undefined ? "" : `(${fields(parameters)})`
}

/** The required ones first; apart from that in the schema's own order. */
function fields({ properties, required }: Parameters): string {
  return Object.entries(properties)
    .map(([name, { items }]) => {
      const mark = required.includes(name) ? "" : "?"
      return { mark, text: `${name}${mark}${items === undefined ? "" : `: [{${fields(items)}}]`}` }
    })
    .sort((one, other) => one.mark.length - other.mark.length)
    .map(({ text }) => text)
    .join(", ")
}
