import type { Hooks, PluginInput } from "@opencode-ai/plugin"
import { fieldsOf } from "qwen-auth-core/internal"
import { deferredLogger } from "qwen-auth-local/deferred-logger"
import { hasEnvironmentKey, hasHostKey } from "qwen-auth-local/environment-key"
import { memoized } from "qwen-auth-local/memoized"
import { filePaths, type SettingSources } from "qwen-auth-local/paths"
import { PROVIDER_ID } from "../shared/sign-in-texts.ts"
import { warnOfFormerPackage } from "./host/former-package.ts"
import type { LoadedSignIn } from "./host/host-record-reader.ts"
import { connectProvider } from "./models/config-provider.ts"
import { modelsHook } from "./models/models-hook.ts"
import type { Plugin, PluginOptions } from "./plugin.ts"
import { requestLoader } from "./requests/loader.ts"
import { providerRequests } from "./requests/provider-requests.ts"
import { signInMethods } from "./sign-in/methods.ts"

/** Delay before the rest of the code is loaded, ms. OpenCode has started by then. */
const PRELOAD_MS = 2_000

/**
 * Returns what OpenCode holds of the plugin. This and what it imports is all that OpenCode reads at its start, so it is
 * small and does nothing itself: what a start does not need is in the {@link Plugin}.
 * @param load loads the plugin, at the first request, sign-in, key or log message
 */
export function createHooks(
  client: PluginInput["client"],
  sources: SettingSources,
  load: (options: PluginOptions) => Promise<Plugin>,
): Hooks {
  const { environment, options } = sources
  const ending = new AbortController()
  const signIn: LoadedSignIn = {}
  let loaded: Plugin | undefined
  const plugin = memoized(async () => {
    loaded = await load({ client, sources, signIn, ending: ending.signal })
    return loaded
  })
  // Loaded soon in any case, because an update may replace the plugin's files while OpenCode is running.
  const preload = setTimeout(
    () =>
      void plugin()
        .then((each) => each.preload())
        .catch(() => {}),
    PRELOAD_MS,
  )
  preload.unref()
  const log = deferredLogger(async () => (await plugin()).log)
  // Until the plugin is loaded the body stays as it is: then the fetch applies the rules, which takes longer.
  const requests = providerRequests(plugin, (body) => (loaded === undefined ? body : loaded.prepareBody(body)))
  const keyInEnvironment = hasEnvironmentKey(environment)
  return {
    config: async (hostConfig) => {
      warnOfFormerPackage(hostConfig.plugin, log)
      connectProvider(hostConfig, keyInEnvironment ? requests.environmentFetch : undefined)
    },
    provider: modelsHook({
      log,
      hasEnvironmentKey: keyInEnvironment,
      hasHostKey: hasHostKey(environment),
      keyModelLists: async () => (await plugin()).keyModelLists,
    }),
    auth: {
      provider: PROVIDER_ID,
      get methods() {
        return signInMethods({
          paths: filePaths(sources),
          credentials: options["credentials"],
          signIns: async () => (await plugin()).signIns,
        })
      },
      loader: async (readEntry) => {
        signIn.readEntry = readEntry
        return requestLoader(readEntry, log, requests.optionsFor)
      },
    },
    "experimental.chat.system.transform": async (input, output) => {
      if (input.model?.providerID === PROVIDER_ID) await (await plugin()).addToolNames(input, output)
    },
    "chat.params": async (input) => {
      if (providerOf(input) === PROVIDER_ID) (await plugin()).checkRequest(input, requests.sends)
    },
    dispose: async () => {
      clearTimeout(preload)
      ending.abort()
    },
  }
}

/** OpenCode 1.18 passes the provider itself, unlike its types say (observed). */
function providerOf(input: unknown): unknown {
  return fieldsOf(fieldsOf(input)?.["provider"])?.["id"]
}
