import { type Fetch, nodePlatform, type OAuthCredential, type Platform } from "qwen-auth-core"
import type { CredentialManager, RequestCredentials } from "qwen-auth-core/internal"
import { keyCredentials } from "qwen-auth-local/api-key-credentials"
import { fileLog } from "qwen-auth-local/file-log"
import { type HostAccounts, hostAccounts } from "qwen-auth-local/host-accounts"
import { type KeyCaches, keyCaches } from "qwen-auth-local/key-caches"
import { loggedPlatform } from "qwen-auth-local/logged-platform"
import type { SettingSources } from "qwen-auth-local/paths"
import { proxyAwareFetch } from "qwen-auth-local/proxy-address"
import { createLocalServices, type LocalServices } from "qwen-auth-local/services"
import { readLogSettings, readSettings, type Settings } from "qwen-auth-local/settings"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { USER_AGENT } from "../shared/user-agent.ts"
import type { HostCredential } from "./host-credential.ts"
import { userMessage } from "./messages.ts"
import { METHOD_IDS } from "./sign-in/choices.ts"

/** How requests with a credential are sent. */
export interface Sender {
  readonly credentials: RequestCredentials
  readonly fetch: Fetch
}

/** The services of a process. All directories of OpenCode have the same credentials. */
export interface Services {
  readonly platform: Platform
  readonly settings: Settings
  readonly local: LocalServices
  readonly accounts: HostAccounts
  readonly caches: KeyCaches
  /** Called with a key and its endpoint when a request has detected the endpoint. */
  readonly onKeyResolved: Set<(key: StoredKey) => void>
  /** Returns the manager of the account to which OpenCode's credential belongs. */
  managerOf(account: { readonly methodID: string; readonly credential: OAuthCredential }): Promise<CredentialManager>
  /**
   * Returns the sender for a credential. All requests with the same credential share it, and so its running refresh.
   * @param hostUserAgent OpenCode's own `User-Agent`, by which the Coding Plan recognises it
   */
  sender(credential: HostCredential, hostUserAgent: string | null): Promise<Sender>
}

/** Creates the services. No file is read before the first use. */
export function createServices(platform: Platform, settings: Settings): Services {
  const caches = keyCaches(settings, platform)
  const local = createLocalServices({ platform, settings, userAgent: USER_AGENT, formatError: userMessage })
  const accounts = hostAccounts({ platform, settings, local })
  const qwenCode = local.accountManager({ store: local.signIn.stores["qwen-code"] })
  const managerOf: Services["managerOf"] = async ({ methodID, credential }) =>
    methodID === METHOD_IDS["qwen-code"] ? qwenCode : accounts.find(credential)
  const ofAccounts = new WeakMap<CredentialManager, Sender>()
  const ofKeys = new Map<string, Sender>()
  const withFetch = (credentials: RequestCredentials): Sender => ({ credentials, fetch: local.fetchWith(credentials) })
  const onKeyResolved: Services["onKeyResolved"] = new Set()
  const keySender = (key: StoredKey, agentOfHost: string | null) => {
    const credentials = keyCredentials({
      platform,
      ...caches,
      stored: async () => key,
      hostUserAgent: async () => agentOfHost ?? undefined,
    })
    let resolved = key.endpoint !== undefined
    return withFetch({
      ...credentials,
      async getCredential(options) {
        const credential = await credentials.getCredential(options)
        if (credential.type === "api_key" && !resolved) {
          resolved = true
          const { apiKey, plan, region, baseUrl } = credential
          for (const listener of onKeyResolved) listener({ apiKey, endpoint: { plan, region, baseUrl } })
        }
        return credential
      },
    })
  }
  return {
    platform,
    settings,
    local,
    accounts,
    caches,
    onKeyResolved,
    managerOf,
    async sender(credential, hostUserAgent) {
      if (credential.kind === "key") {
        return getOrCreate(ofKeys, JSON.stringify(credential.key), () => keySender(credential.key, hostUserAgent))
      }
      const manager = await managerOf(credential)
      return getOrCreate(ofAccounts, manager, () => withFetch(manager))
    },
  }
}

function getOrCreate<K, V>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}

/** The log, and the services or the problem of the settings. */
export interface ProcessServices {
  readonly platform: Platform
  readonly environment: SettingSources["environment"]
  /** @throws QwenAuthError `invalid_endpoint`: the settings cannot be used */
  services(): Services
}

/** The services by their settings, because directories may have different settings. */
const created = new Map<string, ProcessServices>()

/** Returns the services of this process for the settings. They outlive the directory. */
export function processServices(sources: SettingSources): ProcessServices {
  const { environment } = sources
  const logs = readLogSettings(sources)
  const read = readSettings(sources)
  const key = JSON.stringify([logs, "problem" in read ? read.problem.message : read.settings])
  return getOrCreate(created, key, () => {
    const plain = nodePlatform()
    const checked = { ...plain, fetch: proxyAwareFetch(plain.fetch, environment) }
    const platform = loggedPlatform(checked, fileLog(logs), logs)
    if ("problem" in read) {
      const { problem } = read
      platform.log.error("The settings cannot be used.", { problem: problem.sentence })
      return {
        platform,
        environment,
        services() {
          throw problem
        },
      }
    }
    const services = createServices(platform, read.settings)
    return { platform, environment, services: () => services }
  })
}
