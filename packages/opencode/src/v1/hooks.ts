import type { Hooks, PluginInput } from "@opencode-ai/plugin"
import type { Platform } from "qwen-auth-core"
import { PreparedBodies } from "qwen-auth-core/internal"
import { readAuthConfig, warnOfUnknown } from "qwen-auth-local/auth-config"
import { environmentKey, hasHostKey } from "qwen-auth-local/environment-key"
import { keyCaches } from "qwen-auth-local/key-caches"
import { memoized } from "qwen-auth-local/memoized"
import type { SettingSources, Settings } from "qwen-auth-local/settings"
import { version } from "../../package.json" with { type: "json" }
import { LatestAttempt } from "../shared/latest-attempt.ts"
import { warnOfFormerPackage } from "./host/former-package.ts"
import { HostAuthReader } from "./host/host-auth-reader.ts"
import { PROVIDER_ID, SIGN_IN } from "./messages.ts"
import { connectProvider } from "./models/config-provider.ts"
import { modelsHook } from "./models/models-hook.ts"
import { parseChatRequest } from "./requests/chat-request.ts"
import { requestLoader } from "./requests/loader.ts"
import { providerRequests } from "./requests/provider-requests.ts"
import { requireCredential } from "./requests/require-credential.ts"
import { requireUsableSetup } from "./requests/require-usable-setup.ts"
import { failureToast } from "./sign-in/failure-toast.ts"
import { signInMethods } from "./sign-in/methods.ts"

/** Delay before the rest of the code is loaded, ms. OpenCode has started by then. */
const PRELOAD_MS = 2_000

/** Returns the plugin's hooks for valid settings. */
export function createHooks(
  platform: Platform,
  client: PluginInput["client"],
  settings: Settings,
  environment: SettingSources["environment"],
): Hooks {
  platform.log.debug("The plugin starts.", { version, platform: process.platform, arch: process.arch })
  warnOfUnknown(settings.unknownOptions, "the plugin's options", platform.log)
  const ending = new AbortController()
  const notifyFailure = failureToast(client)
  // Loaded soon in any case, because an update may replace the plugin's files while OpenCode is running.
  const load = async () => (await import("./lazy.ts")).loadCatalogue()
  const preload = setTimeout(() => void load().catch(() => {}), PRELOAD_MS)
  preload.unref()
  const attempts = new LatestAttempt()
  const config = memoized(() => readAuthConfig(settings.authConfigFile, platform.log))
  const host = new HostAuthReader(platform)
  const bodies = new PreparedBodies(platform)
  const caches = keyCaches(settings, platform)
  const keyOfEnvironment = environmentKey(environment, platform.log)
  const services = memoized(async () => {
    const { createServices } = await import("./lazy.ts")
    return createServices({
      platform,
      client,
      settings,
      config,
      host,
      bodies,
      caches,
      environmentKey: keyOfEnvironment,
    })
  })
  const toolNames = memoized(async () => {
    const { toolNameHook, qwenMode } = await import("./lazy.ts")
    const enabled = memoized(async () => {
      const fileValue = (await config()).qwenMode
      return qwenMode({ environment: settings.qwenModeVariable, option: settings.qwenMode, fileValue }, platform.log)
    })
    return toolNameHook({ client, log: platform.log, enabled })
  })
  const requests = providerRequests(services, bodies)
  const ownKey = hasHostKey(environment)
  return {
    config: async (hostConfig) => {
      warnOfFormerPackage(hostConfig.plugin, platform.log)
      connectProvider(hostConfig, keyOfEnvironment === undefined ? undefined : requests.environmentFetch)
    },
    provider: modelsHook({ platform, ...caches, environmentKey: keyOfEnvironment, ownKey, signal: ending.signal }),
    auth: {
      provider: PROVIDER_ID,
      get methods() {
        return signInMethods({ platform, settings, services, lists: caches.lists, attempts, notifyFailure })
      },
      loader: async (entry) => {
        host.connect(entry)
        return requestLoader(entry, platform.log, requests.optionsFor)
      },
    },
    "experimental.chat.system.transform": async (input, output) => {
      if (input.model?.providerID === PROVIDER_ID) await (await toolNames())(input, output)
    },
    "chat.params": async (input) => {
      const request = parseChatRequest(input, environment)
      if (request === undefined) return
      if (!host.loaded) requireCredential(request, `${SIGN_IN} (and restart OpenCode, if you just did)`)
      requireUsableSetup(request, requests.sends(request.fetch))
    },
    dispose: async () => {
      clearTimeout(preload)
      attempts.cancel()
      ending.abort()
    },
  }
}
