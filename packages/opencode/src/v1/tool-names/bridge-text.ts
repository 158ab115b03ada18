import { type HostTool, toolNamePrompt as textAbout } from "qwen-auth-core/internal"
import { CODE_MODE, KNOWN_TOOLS } from "../../shared/tool-names.ts"

/**
 * What a model is told about the names of OpenCode's tools. OpenCode offers an agent fewer tools when its permissions say so, and
 * its title agent none, without telling the hook.
 * @param offered the tools that OpenCode has for the model; of two with one id the later counts, as in OpenCode
 * @param mcpPrefixes what the names of MCP servers' tools begin with, sorted
 * @returns undefined when none of the tools is known
 */
export function toolNamePrompt(offered: readonly HostTool[], mcpPrefixes: readonly string[]): string | undefined {
  const named = mcpPrefixes.length > 0 && !offered.some(({ id }) => id === CODE_MODE)
  const line = `- mcp__<server>__<tool> → tools whose names begin with ${mcpPrefixes.join(", ")}`
  return textAbout(KNOWN_TOOLS, offered, named ? [line] : [])
}
