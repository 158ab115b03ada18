import { homedir, tmpdir } from "node:os"
import type { Hooks, PluginInput, PluginOptions } from "@opencode-ai/plugin"
import { systemWorld } from "qwen-auth-core"
import { loggedWorld } from "./log/logged-world.ts"
import { proxyAwareFetch } from "./requests/proxy-address.ts"
import { readLogSettings, readSettings, type SettingSources } from "./settings/settings.ts"
import { unusableHooks } from "./unusable-hooks.ts"
import { workingHooks } from "./working-hooks.ts"

/**
 * The plugin as OpenCode calls it, once per start. Reads the environment and nothing else: no file and no network before a
 * sign-in or a request needs them. Never throws; wrong settings are logged and told at the sign-in and at each request.
 */
export async function server(input: PluginInput, options?: PluginOptions): Promise<Hooks> {
  const sources: SettingSources = {
    environment: process.env,
    options: options ?? {},
    home: homedir(),
    temporary: tmpdir(),
  }
  const plain = systemWorld()
  const checked = { ...plain, fetch: proxyAwareFetch(plain.fetch, sources.environment) }
  const world = loggedWorld(checked, input.client, readLogSettings(sources))
  const settings = readSettings(sources)
  return "problem" in settings
    ? unusableHooks(world, settings.problem, sources.environment)
    : workingHooks(world, input.client, settings.settings, sources.environment)
}
