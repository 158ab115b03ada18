import { join } from "node:path"
import type { Hooks, PluginInput } from "@opencode-ai/plugin"
import { PAY_AS_YOU_GO, PreparedBodies, type World } from "qwen-auth-core"
import { version } from "../package.json" with { type: "json" }
import { environmentKey } from "./credentials/environment-key.ts"
import { HostLink } from "./credentials/host-link.ts"
import { keyPlaces } from "./credentials/key-places.ts"
import { memoized } from "./memoized.ts"
import { connectProvider } from "./models/config-provider.ts"
import { modelLists } from "./models/model-lists.ts"
import { modelsHook } from "./models/models-hook.ts"
import { askedProvider } from "./requests/asked-provider.ts"
import { requestLoader } from "./requests/loader.ts"
import { providerRequests } from "./requests/provider-requests.ts"
import { requireCredential } from "./requests/require-credential.ts"
import { requireUsableSetup } from "./requests/require-usable-setup.ts"
import { readAuthConfig, warnOfUnknown } from "./settings/auth-config.ts"
import { warnOfFormerPackage } from "./settings/former-package.ts"
import type { SettingSources, Settings } from "./settings/settings.ts"
import { failureToast } from "./sign-in/failure-toast.ts"
import { signInMethods } from "./sign-in/methods.ts"
import { OneAtATime } from "./sign-in/one-at-a-time.ts"
import { PROVIDER_ID, SIGN_IN } from "./words.ts"

/** OpenCode's start is over by then, ms. */
const READ_LATER_MS = 2_000

/** The plugin with settings that can be used. */
export function workingHooks(
  world: World,
  client: PluginInput["client"],
  settings: Settings,
  environment: SettingSources["environment"],
): Hooks {
  world.log.debug("The plugin starts.", { version, platform: process.platform, arch: process.arch })
  warnOfUnknown(settings.unknownOptions, "the plugin's options", world.log)
  const ending = new AbortController()
  const tell = failureToast(client)
  // Read soon in any case: an update may replace the plugin's files under a running OpenCode.
  const readLater = setTimeout(() => void import("./later.ts").catch(() => {}), READ_LATER_MS)
  readLater.unref()
  const attempts = new OneAtATime()
  const config = memoized(() => readAuthConfig(settings.authConfigFile, world.log))
  const host = new HostLink(world)
  const bodies = new PreparedBodies(world)
  const keys = {
    environmentKey: environmentKey(environment),
    places: keyPlaces(join(settings.cacheFolder, "qwen-key-places.json"), world.log),
    lists: modelLists(join(settings.cacheFolder, "qwen-models.json"), world.now, world.log),
  }
  const workshop = memoized(async () => {
    const { createWorkshop } = await import("./later.ts")
    return createWorkshop({ world, client, settings, config, host, bodies, ...keys })
  })
  const bridge = memoized(async () => {
    const { promptBridge, qwenMode } = await import("./later.ts")
    const enabled = memoized(async () => {
      const fileValue = (await config()).qwenMode
      return qwenMode({ environment: environment["QWEN_MODE"], option: settings.qwenMode, fileValue }, world.log)
    })
    const cacheFile = join(settings.cacheFolder, "qwen-tools.json")
    return promptBridge({ client, log: world.log, cacheFile, version, enabled })
  })
  const requests = providerRequests(workshop, bodies)
  const ownKey = Boolean(environment[PAY_AS_YOU_GO.environmentVariable])
  return {
    config: async (present) => {
      warnOfFormerPackage(present.plugin, world.log)
      connectProvider(present, keys.environmentKey === undefined ? undefined : requests.environmentFetch)
    },
    provider: modelsHook({ world, ...keys, ownKey, signal: ending.signal }),
    auth: {
      provider: PROVIDER_ID,
      get methods() {
        return signInMethods({ world, settings, workshop, lists: keys.lists, attempts, tell })
      },
      loader: async (entry) => {
        host.connect(entry)
        return requestLoader(entry, world.log, requests.optionsFor)
      },
    },
    "experimental.chat.system.transform": async (input, output) => {
      if (input.model?.providerID === PROVIDER_ID) await (await bridge())(input, output)
    },
    "chat.params": async (input) => {
      const asked = askedProvider(input, environment)
      if (asked === undefined) return
      if (!host.loaded) requireCredential(asked, `${SIGN_IN} (and restart OpenCode, if you just did)`)
      requireUsableSetup(asked, requests.sends(asked.fetch))
    },
    dispose: async () => {
      clearTimeout(readLater)
      attempts.cancel()
      ending.abort()
    },
  }
}
