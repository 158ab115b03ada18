import { homedir, tmpdir } from "node:os"
import type { Hooks, PluginInput, PluginOptions } from "@opencode-ai/plugin"
import {
  authorizationServer,
  CredentialManager,
  createQwenFetch,
  redactingLogger,
  systemWorld,
  type World,
} from "qwen-auth-core"
import { publishToHost, readHostEntry } from "./host-entry.ts"
import { hostLogger } from "./host-logger.ts"
import { requestLoader } from "./loader.ts"
import { addQwenModels } from "./models.ts"
import { qwenAccountMethod } from "./qwen-account-method.ts"
import { requireCredential } from "./require-credential.ts"
import { seededStore } from "./seeded-store.ts"
import { readSettings, type Settings } from "./settings.ts"
import { signInStore } from "./sign-in-store.ts"
import { unusableHooks } from "./unusable-hooks.ts"
import { userAgent } from "./user-agent.ts"
import { PROVIDER_ID, words } from "./words.ts"

/**
 * The plugin as OpenCode calls it, once per start. Reads the environment and nothing else: no file and no network before a
 * sign-in or a request needs them. Never throws; wrong settings are logged and told at the sign-in and at each request.
 */
export async function server(input: PluginInput, options?: PluginOptions): Promise<Hooks> {
  const debug = isOn(process.env["DEBUG_QWEN_PLUGIN"])
  const world = systemWorld({ log: redactingLogger(hostLogger(input.client, debug)) })
  const settings = readSettings({
    environment: process.env,
    options: options ?? {},
    home: homedir(),
    temporary: tmpdir(),
  })
  return "problem" in settings
    ? unusableHooks(world, settings.problem)
    : workingHooks(world, input.client, settings.settings)
}

function workingHooks(world: World, client: PluginInput["client"], settings: Settings): Hooks {
  const host: { entry?: () => Promise<unknown> } = {}
  const signIn = signInStore(world, settings)
  const agent = userAgent(process.platform, process.arch)
  const server = authorizationServer({ ...settings.authorizationServer, userAgent: agent })
  const credentials = new CredentialManager({
    world,
    server,
    store: seededStore(signIn.store, async () => readHostEntry(await host.entry?.()), world.log),
    publish: async (credential) => publishToHost(client, await host.entry?.(), credential),
    // Asked when a refresh was refused: by then the store is chosen.
    get refusalGraceMs() {
      return signIn.refusalGraceMs()
    },
  })
  const qwenFetch = createQwenFetch({
    world,
    credentials,
    userAgent: agent,
    apiBaseUrl: settings.apiBaseUrl,
    words,
  })
  const { method, cancel } = qwenAccountMethod(world, server, credentials)
  return {
    config: async (config) => addQwenModels(config),
    auth: {
      provider: PROVIDER_ID,
      methods: [method],
      loader: async (entry) => {
        host.entry = entry
        return requestLoader(entry, qwenFetch, world.log)
      },
    },
    "chat.params": async ({ provider }) => {
      if (host.entry === undefined) requireCredential(provider, process.env)
    },
    dispose: async () => cancel(),
  }
}

function isOn(value: string | undefined): boolean {
  return value === "1" || value?.toLowerCase() === "true"
}
