import { nodePlatform, type Platform } from "qwen-auth-core"
import { loadCatalogue, PreparedBodies } from "qwen-auth-core/internal"
import { warnOfUnknown } from "qwen-auth-local/auth-config"
import { environmentKey } from "qwen-auth-local/environment-key"
import { keyCaches } from "qwen-auth-local/key-caches"
import { loggedPlatform } from "qwen-auth-local/logged-platform"
import { proxyAwareFetch } from "qwen-auth-local/proxy-address"
import { readLogSettings, readSettings, type Settings } from "qwen-auth-local/settings"
import { version } from "../../package.json" with { type: "json" }
import { LatestAttempt } from "../shared/latest-attempt.ts"
import { hostLogger } from "./host/host-logger.ts"
import { hostRecordReader } from "./host/host-record-reader.ts"
import { SIGN_IN } from "./messages.ts"
import { keyModelLists } from "./models/key-model-lists.ts"
import type { Plugin, PluginOptions } from "./plugin.ts"
import { pluginWithProblem } from "./plugin-with-problem.ts"
import { parseChatRequest } from "./requests/chat-request.ts"
import { requireCredential } from "./requests/require-credential.ts"
import { requireUsableSetup } from "./requests/require-usable-setup.ts"
import { createServices } from "./services.ts"
import { failureToast } from "./sign-in/failure-toast.ts"
import { signIns } from "./sign-in/sign-ins.ts"
import { toolNameHook } from "./tool-names/tool-name-hook.ts"

/** Creates the plugin on this computer. No file is read before the first use. */
export function loadPlugin(options: PluginOptions): Plugin {
  const { client, sources } = options
  const plain = nodePlatform()
  const checked = { ...plain, fetch: proxyAwareFetch(plain.fetch, sources.environment) }
  const logs = readLogSettings(sources)
  return createPlugin(loggedPlatform(checked, hostLogger(client, logs.debug), logs), options)
}

/** Creates the plugin. With invalid settings it only reports the problem. */
export function createPlugin(platform: Platform, options: PluginOptions): Plugin {
  platform.log.debug("The plugin starts.", { version, platform: process.platform, arch: process.arch })
  const read = readSettings(options.sources)
  return "problem" in read
    ? pluginWithProblem(platform, read.problem, options)
    : pluginWith(read.settings, platform, options)
}

function pluginWith(settings: Settings, platform: Platform, options: PluginOptions): Plugin {
  const { client, sources, signIn, ending } = options
  const { environment } = sources
  const { log } = platform
  warnOfUnknown(settings.unknownOptions, "the plugin's options", log)
  const attempts = new LatestAttempt()
  ending.addEventListener("abort", () => attempts.cancel(), { once: true })
  const readHostRecord = hostRecordReader(platform, signIn)
  const bodies = new PreparedBodies(platform)
  const caches = keyCaches(settings, platform)
  const key = environmentKey(environment, log)
  const services = createServices({ platform, client, settings, readHostRecord, bodies, caches, environmentKey: key })
  const notifyFailure = failureToast(client)
  return {
    log,
    fetches: services.fetches,
    prepareBody: bodies.prepare,
    keyModelLists: keyModelLists({ platform, ...caches, environmentKey: key, signal: ending }),
    signIns: signIns({ platform, settings, services, lists: caches.lists, attempts, notifyFailure }),
    addToolNames: toolNameHook({ client, log, enabled: services.toolNamesEnabled }),
    checkRequest(input, sends) {
      const request = parseChatRequest(input, environment)
      if (request === undefined) return
      if (signIn.readEntry === undefined)
        requireCredential(request, `${SIGN_IN} (and restart OpenCode, if you just did)`)
      requireUsableSetup(request, sends(request.fetch))
    },
    preload: () => loadCatalogue(),
  }
}
