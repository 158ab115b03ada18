import type { PluginModule } from "@opencode-ai/plugin"
import { server } from "./v1/server.ts"

/** The only export, because OpenCode calls every export as a plugin. */
const plugin: PluginModule = { id: "opencode-alibaba-qwen-cli-auth", server }

export default plugin
