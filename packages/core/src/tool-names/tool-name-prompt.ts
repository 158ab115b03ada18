import type { HostTool, ToolParameters } from "./host-tool.ts"

/** A tool of the host that is equivalent to a tool that the model knows. */
interface HostEquivalent {
  /** The tool's id in the host. */
  readonly id: string
  /**
   * The tool's description must match this, because the same id can mean another tool in another version of the host.
   */
  readonly descriptionPattern?: RegExp
  /** A hint for the model that the parameter names do not give. */
  readonly note?: string
}

/** The names by which models were trained to call a kind of tool, and its equivalents in a host. */
export interface KnownTool {
  readonly names: readonly string[]
  /** In order of preference. The first one that the host offers is used. */
  readonly equivalents: readonly HostEquivalent[]
}

const INTRODUCTION = `# Tool names
Tools here may have other names and parameters than those you know. Call only tools offered in this conversation, with exactly their names and parameters; no other tool exists. If none are offered, ignore this.
Name you know → tool here (? = optional):`

/**
 * Returns the part of the system prompt that maps the tool names a model knows to the host's tools. The same tools give
 * the same text in any order, because the provider's prompt cache requires an unchanged text. The introduction covers
 * requests that offer fewer tools or none, for example for generating a title.
 * @param known the names that models know, and their equivalents in the host
 * @param offered the tools that the host offers; if two have the same id, the later one is used
 * @param additionalLines lines about further tools
 * @returns undefined if none of the offered tools is an equivalent
 */
export function toolNamePrompt(
  known: readonly KnownTool[],
  offered: readonly HostTool[],
  additionalLines: readonly string[] = [],
): string | undefined {
  const tools = new Map(offered.map((tool) => [tool.id, tool]))
  const lines = new Map<string, { names: string[]; notes: string }>()
  const missing: string[] = []
  for (const { names: all, equivalents } of known) {
    const equivalent = equivalents.find((candidate) => isOffered(candidate, tools))
    // If the host offers a tool under a name that models know, that tool is meant.
    const names = all.filter((name) => name === equivalent?.id || !tools.has(name))
    if (names.length === 0) continue
    if (equivalent === undefined) {
      missing.push(...names)
      continue
    }
    const line = lines.get(equivalent.id) ?? { names: [], notes: "" }
    line.names.push(...names)
    if (equivalent.note !== undefined) line.notes += `; ${equivalent.note}`
    lines.set(equivalent.id, line)
  }
  if (lines.size === 0) return undefined
  const text = [INTRODUCTION]
  for (const [id, { names, notes }] of lines) {
    text.push(`- ${names.join(", ")} → ${id}${signature(tools.get(id)?.parameters)}${notes}`)
  }
  text.push(...additionalLines)
  if (missing.length > 0) text.push(`Not available: ${missing.join(", ")}`)
  return text.join("\n")
}

function isOffered({ id, descriptionPattern }: HostEquivalent, tools: ReadonlyMap<string, HostTool>): boolean {
  const tool = tools.get(id)
  return tool !== undefined && (descriptionPattern === undefined || descriptionPattern.test(tool.description))
}

function signature(parameters: ToolParameters | undefined): string {
  return parameters === undefined ? "" : `(${fields(parameters)})`
}

/** Required parameters come first, otherwise in the order of the schema. */
function fields({ properties, required }: ToolParameters): string {
  return Object.entries(properties)
    .map(([name, { items }]) => {
      const mark = required.includes(name) ? "" : "?"
      return { mark, text: `${name}${mark}${items === undefined ? "" : `: [{${fields(items)}}]`}` }
    })
    .sort((one, other) => one.mark.length - other.mark.length)
    .map(({ text }) => text)
    .join(", ")
}
