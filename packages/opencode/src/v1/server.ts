import type { Hooks, PluginInput, PluginOptions } from "@opencode-ai/plugin"
import { nodePlatform } from "qwen-auth-core"
import { loggedPlatform } from "qwen-auth-local/logged-platform"
import { proxyAwareFetch } from "qwen-auth-local/proxy-address"
import { readLogSettings, readSettings } from "qwen-auth-local/settings"
import { thisComputer } from "qwen-auth-local/this-computer"
import { disabledHooks } from "./disabled-hooks.ts"
import { createHooks } from "./hooks.ts"
import { hostLogger } from "./host/host-logger.ts"

/**
 * The plugin's entry point, which OpenCode calls once per start. It reads only the environment; files and network are
 * not used before a sign-in or a request. Never throws: invalid settings are logged and reported at the sign-in and at
 * each request.
 */
export async function server(input: PluginInput, options?: PluginOptions): Promise<Hooks> {
  const sources = thisComputer(options ?? {})
  const plain = nodePlatform()
  const checked = { ...plain, fetch: proxyAwareFetch(plain.fetch, sources.environment) }
  const logs = readLogSettings(sources)
  const platform = loggedPlatform(checked, hostLogger(input.client, logs.debug), logs)
  const settings = readSettings(sources)
  return "problem" in settings
    ? disabledHooks(platform, settings.problem, sources.environment)
    : createHooks(platform, input.client, settings.settings, sources.environment)
}
