import type { PluginModule } from "@opencode-ai/plugin"
import { server } from "./v1/server.ts"

/** OpenCode calls every other export as a plugin of its own, so there is none. */
const plugin: PluginModule = { id: "opencode-alibaba-qwen-cli-auth", server }

export default plugin
