import type { Credential, Fetch, Platform, QwenAuthError } from "qwen-auth-core"
import type { RequestCredentials } from "qwen-auth-core/internal"
import { keyCredentials } from "qwen-auth-local/api-key-credentials"
import { readAuthConfig } from "qwen-auth-local/auth-config"
import { environmentKey } from "qwen-auth-local/environment-key"
import { keyCaches } from "qwen-auth-local/key-caches"
import { createLocalServices } from "qwen-auth-local/services"
import { readSettings, type SettingSources } from "qwen-auth-local/settings"
import { type HostTexts, userMessage } from "qwen-auth-local/user-message"
import { httpFetch } from "./gateway/http-fetch.ts"
import { userAgent } from "./user-agent.ts"

const LOGIN = "qwen-auth login"
const TEXTS: HostTexts = {
  authenticationRequired: `Authentication required. Please run: ${LOGIN}`,
  signInAgain: `Please run: ${LOGIN}`,
  changeKey: `Run: ${LOGIN}`,
  freeTierAlternative: `Use a Model Studio API key (Coding Plan, Token Plan or pay as you go): ${LOGIN}`,
  modelList: "Models are listed at the gateway's /v1/models.",
  debugLog: "With DEBUG_QWEN_PLUGIN=1 the log has the service's own text.",
}

/** The sign-in of this computer, as the gateway uses it. */
export interface LocalSignIn {
  readonly fetch: Fetch
  /** @throws QwenAuthError `authentication_required` and others, see `CredentialManager` */
  credential(): Promise<Credential>
}

/** Returns the message for the user of an error. */
export function describeError(error: QwenAuthError): string {
  return userMessage(error, TEXTS)
}

/**
 * Returns the sign-in that requests use: a plan's key in the environment, else the stored sign-in that the OpenCode
 * plugin shares. No file is read before the first use.
 * @throws QwenAuthError `invalid_endpoint`: an address in the environment cannot be used
 */
export function localSignIn(
  host: Platform,
  sources: SettingSources,
  system: { readonly platform: string; readonly arch: string },
): LocalSignIn {
  const read = readSettings(sources)
  if ("problem" in read) throw read.problem
  const { settings } = read
  // Only the host's fetch may know the way through a proxy.
  const platform = hasProxy(sources.environment) ? host : { ...host, fetch: httpFetch(host.fetch) }
  const caches = keyCaches(settings, platform)
  const services = createLocalServices({
    platform,
    settings,
    config: () => readAuthConfig(settings.authConfigFile, platform.log),
    caches,
    userAgent: userAgent(system.platform, system.arch),
    formatError: describeError,
  })
  const key = environmentKey(sources.environment, platform.log)
  const credentials: RequestCredentials =
    key === undefined
      ? services.accountManager()
      : keyCredentials({ platform, ...caches, stored: key.stored, describeError: key.describeError })
  return { fetch: services.fetchWith(credentials), credential: () => credentials.getCredential({}) }
}

function hasProxy(environment: SettingSources["environment"]): boolean {
  return ["https_proxy", "http_proxy", "all_proxy"].some((name) => environment[name] || environment[name.toUpperCase()])
}
