import type { Hooks, PluginInput, PluginOptions } from "@opencode-ai/plugin"
import { thisComputer } from "qwen-auth-local/this-computer"
import { createHooks } from "./hooks.ts"

/**
 * The plugin's entry point, which OpenCode calls once per start. It reads only the environment; files and network are
 * not used before a sign-in or a request. Never throws: invalid settings are logged and reported at the sign-in and at
 * each request.
 */
export async function server(input: PluginInput, options?: PluginOptions): Promise<Hooks> {
  const sources = thisComputer(options ?? {})
  return createHooks(input.client, sources, async (each) => (await import("./load-plugin.ts")).loadPlugin(each))
}
