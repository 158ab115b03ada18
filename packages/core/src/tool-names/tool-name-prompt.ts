import type { HostTool } from "./host-tool.ts"
import type { HostEquivalent, KnownTool } from "./known-tool.ts"

const INTRODUCTION = `# Tool names
Tools here may have other names and parameters than those you know. Call only tools offered in this conversation, with exactly their names and parameters; no other tool exists. If none are offered, ignore this.
Name you know → tool here (? = optional):`

type Parameters = NonNullable<HostTool["parameters"]>

/**
 * What a model is told about the names of its tools. The same tools give the same text, whatever their order, and nothing else
 * is in it: the provider's prompt cache holds only while the text stays as it is. A host can offer fewer tools than it said, or
 * none (to make up a title): hence the second and the last sentence above the list.
 * @param trained the names that models know, and what the host has for them
 * @param offered the tools that the host offers; of two with one id the later counts
 * @param more lines about further tools
 * @returns undefined when none of the tools is known
 */
export function toolNamePrompt(
  trained: readonly KnownTool[],
  offered: readonly HostTool[],
  more: readonly string[] = [],
): string | undefined {
  const tools = new Map(offered.map((tool) => [tool.id, tool]))
  const lines = new Map<string, { names: string[]; notes: string[] }>()
  const missing: string[] = []
  for (const { names: all, equivalents: standIns } of trained) {
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
  text.push(...more)
  if (missing.length > 0) text.push(`Not available: ${missing.join(", ")}`)
  return text.join("\n")
}

function stands({ id, descriptionPattern: says }: HostEquivalent, tools: ReadonlyMap<string, HostTool>): boolean {
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
