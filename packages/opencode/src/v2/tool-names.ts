import { type HostTool, parseHostTool, toolNamePrompt } from "qwen-auth-core/internal"
import * as v from "valibot"
import { hasToolNames, KNOWN_TOOLS } from "../shared/tool-names.ts"
import type { ContextEvent } from "./host-types.ts"

const Text = v.fallback(v.string(), "")
/** Versions of OpenCode name these fields differently. */
const Tool = v.object({
  id: v.optional(v.string()),
  name: v.optional(v.string()),
  description: Text,
  inputSchema: v.optional(v.unknown()),
  input: v.optional(v.unknown()),
  parameters: v.optional(v.unknown()),
})
const Tools = v.union([
  v.pipe(
    v.array(v.unknown()),
    v.transform((list) => list.map((tool) => ["", tool] as const)),
  ),
  v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform((byName) => Object.entries(byName)),
  ),
])

/**
 * Appends the text that maps Qwen Code's tool names to the tools of this prompt. Does nothing without known tools, or if
 * another copy of this plugin has added the text.
 */
export function appendToolNames(event: ContextEvent): void {
  const text = toolNamePrompt(KNOWN_TOOLS, offeredTools(event.tools))
  if (text === undefined || event.system.some((part) => hasToolNames(part.text, text))) return
  event.system.push({ type: "text", text })
}

function offeredTools(tools: unknown): HostTool[] {
  const entries = v.safeParse(Tools, tools instanceof Map ? Object.fromEntries(tools) : tools)
  if (!entries.success) return []
  return entries.output.flatMap(([key, value]) => {
    const tool = v.safeParse(Tool, value)
    if (!tool.success) return []
    const { id, name, description, inputSchema, input, parameters } = tool.output
    const parsed = parseHostTool({ id: name ?? id ?? key, description, parameters: inputSchema ?? input ?? parameters })
    return parsed === undefined || parsed.id === "" ? [] : [parsed]
  })
}
