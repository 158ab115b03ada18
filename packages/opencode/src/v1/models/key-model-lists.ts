import type { Platform } from "qwen-auth-core"
import { requestModelList } from "qwen-auth-core/internal"
import type { EnvironmentKey } from "qwen-auth-local/environment-key"
import type { KeyCaches } from "qwen-auth-local/key-caches"
import type { StoredKey } from "qwen-auth-local/stored-key"
import type { ModelEntries } from "../../shared/model-entry.ts"
import { signedOutModels } from "../../shared/provider-models.ts"

/** The models of keys. */
export interface KeyModelLists {
  ofKey(key: StoredKey, own: ModelEntries): Promise<ModelEntries>
  /** @throws QwenAuthError `api_key_malformed` */
  ofEnvironment(own: ModelEntries): Promise<ModelEntries>
}

/** Options of {@link keyModelLists}. */
export interface KeyModelListsOptions extends KeyCaches {
  readonly platform: Platform
  readonly environmentKey: EnvironmentKey | undefined
  /** Cancels background requests. */
  readonly signal: AbortSignal
}

/** Returns the models of keys. Nothing waits for the network: an old list is requested again in the background. */
export function keyModelLists(options: KeyModelListsOptions): KeyModelLists {
  const { environmentKey, endpoints, lists } = options
  const refresh = createListRefresh(options)
  const ofKey: KeyModelLists["ofKey"] = async (key, own) => {
    const { keyModels, likelyPlans } = await import("../../shared/key-models.ts")
    const endpoint = key.endpoint ?? (await endpoints.find(key.apiKey))
    if (endpoint === undefined)
      return Object.assign({}, ...likelyPlans(key).map((each) => keyModels(each, own, undefined)))
    const { ids, stale } = await lists.find(endpoint.baseUrl)
    if (stale) refresh(endpoint.baseUrl, key.apiKey)
    return keyModels(endpoint, own, ids)
  }
  return {
    ofKey,
    ofEnvironment: async (own) =>
      environmentKey === undefined ? signedOutModels(own) : ofKey(await environmentKey.stored(), own),
  }
}

/**
 * Returns a function that requests a new model list for a base URL in the background. The list is used at the next
 * start. OpenCode calls the hook often, so there is only one request per base URL at a time.
 */
function createListRefresh({ platform, lists, signal }: KeyModelListsOptions) {
  const running = new Set<string>()
  return (baseUrl: string, apiKey: string) => {
    if (running.has(baseUrl)) return
    running.add(baseUrl)
    requestModelList(platform, { baseUrl, apiKey }, signal)
      .then((outcome) => (outcome.kind === "accepted" ? lists.remember(baseUrl, outcome.ids) : undefined))
      .catch(() => {})
      .finally(() => running.delete(baseUrl))
  }
}
