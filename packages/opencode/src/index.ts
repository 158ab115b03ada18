import type { PluginModule } from "@opencode-ai/plugin"
import type { HostContext } from "./v2/host-types.ts"

/** What OpenCode 2 calls, once per directory. It returns its cleanup. */
type Setup = (context: HostContext) => Promise<() => void>

/**
 * The only export, because OpenCode 1 calls every export as a plugin. OpenCode 1 uses `server`, OpenCode 2 `setup`; neither
 * reads the other's code.
 */
const plugin: PluginModule & { readonly setup: Setup } = {
  id: "opencode-alibaba-qwen-cli-auth",
  server: async (input, options) => (await import("./v1/server.ts")).server(input, options),
  setup: async (context) => (isOpenCode1(context) ? () => {} : (await import("./v2/setup.ts")).setup(context)),
}

/**
 * OpenCode 1.18 calls `setup` too, with an early form of the context that can neither list models nor hook requests (read
 * in 1.18.33). There `server` does the work.
 */
function isOpenCode1({ provider, session }: HostContext): boolean {
  return provider === undefined && session === undefined
}

export default plugin
