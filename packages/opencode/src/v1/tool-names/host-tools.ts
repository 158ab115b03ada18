import { type HostTool, parseHostTool } from "qwen-auth-core/internal"
import * as v from "valibot"
import { CODE_MODE, KNOWN_TOOLS } from "../../shared/tool-names.ts"

/** The tools that the tool name prompt can mention. */
const IDS = new Set([
  CODE_MODE,
  ...KNOWN_TOOLS.flatMap(({ names, equivalents }) => [...names, ...equivalents.map(({ id }) => id)]),
])

const ToolList = v.object({ data: v.array(v.unknown()) })

/**
 * Parses the response of the client's `tool.list` and keeps the known tools. Returns undefined for any other response.
 */
export function parseHostTools(answer: unknown): HostTool[] | undefined {
  const parsed = v.safeParse(ToolList, answer)
  if (!parsed.success) return undefined
  return parsed.output.data.flatMap((item) => {
    const tool = parseHostTool(item)
    return tool !== undefined && IDS.has(tool.id) ? [tool] : []
  })
}
