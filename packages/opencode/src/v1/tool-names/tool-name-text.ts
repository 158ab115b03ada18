import { toolNamePrompt as corePrompt, type HostTool } from "qwen-auth-core/internal"
import { CODE_MODE, KNOWN_TOOLS } from "../../shared/tool-names.ts"

/**
 * Returns the text that maps Qwen Code's tool names to OpenCode's. An agent may have fewer tools because of its
 * permissions, and the title agent has none; the hook cannot know that.
 * @param offered the tools that OpenCode has for the model; the later of two tools with the same id counts, as in
 *   OpenCode
 * @param mcpPrefixes the prefixes of MCP servers' tools, sorted
 * @returns undefined if none of the tools is known
 */
export function toolNamePrompt(offered: readonly HostTool[], mcpPrefixes: readonly string[]): string | undefined {
  const listMcp = mcpPrefixes.length > 0 && !offered.some(({ id }) => id === CODE_MODE)
  const line = `- mcp__<server>__<tool> → tools whose names begin with ${mcpPrefixes.join(", ")}`
  return corePrompt(KNOWN_TOOLS, offered, listMcp ? [line] : [])
}
