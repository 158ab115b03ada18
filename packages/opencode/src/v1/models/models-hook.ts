import type { ProviderHook } from "@opencode-ai/plugin"
import type { ApiEndpoint, Platform } from "qwen-auth-core"
import { CODING_PLAN, PAY_AS_YOU_GO, requestModelList, TOKEN_PLAN } from "qwen-auth-core/internal"
import type { EnvironmentKey } from "qwen-auth-local/environment-key"
import type { KeyEndpointCache } from "qwen-auth-local/key-endpoint-cache"
import type { ModelLists } from "qwen-auth-local/model-list-cache"
import type { StoredKey } from "qwen-auth-local/stored-key"
import type { ModelEntries } from "../../shared/model-entry.ts"
import { accountModels, ownModels, signedOutModels } from "../../shared/provider-models.ts"
import { hostRecord } from "../host/host-record.ts"
import { PROVIDER_ID } from "../messages.ts"

/** Options of {@link modelsHook}. */
export interface ModelsHookOptions {
  readonly platform: Platform
  readonly environmentKey: EnvironmentKey | undefined
  /** True if OpenCode's own key for this provider is in the environment. */
  readonly ownKey: boolean
  readonly endpoints: KeyEndpointCache
  readonly lists: ModelLists
  /** Cancels background requests. */
  readonly signal: AbortSignal
}

/**
 * Lists the models that the current sign-in can use. Never throws, because OpenCode would not start, and never waits
 * for the network, because OpenCode's start would wait too.
 */
export function modelsHook(options: ModelsHookOptions): ProviderHook {
  const refresh = createListRefresh(options)
  return {
    id: PROVIDER_ID,
    async models(provider, { auth }) {
      const own: ModelEntries = { ...provider.models }
      try {
        return await modelsFor({ ...options, refresh }, auth, own)
      } catch (error) {
        options.platform.log.error("The model list could not be built.", { error })
        return signedOutModels(own)
      }
    },
  }
}

/** Requests a new model list for a base URL, in the background. */
type ListRefresh = (baseUrl: string, apiKey: string) => void

type ModelSources = ModelsHookOptions & { readonly refresh: ListRefresh }

async function modelsFor(options: ModelSources, auth: unknown, own: ModelEntries): Promise<ModelEntries> {
  const record = hostRecord(auth)
  switch (record.kind) {
    case "account":
      return accountModels(own)
    case "key":
      return modelsOfKey(options, record.key, own)
    case "other":
      return ownModels(own)
    case "none":
      if (options.environmentKey !== undefined) return modelsOfKey(options, await options.environmentKey.stored(), own)
      return options.ownKey ? ownModels(own) : signedOutModels(own)
  }
}

async function modelsOfKey(options: ModelSources, key: StoredKey, own: ModelEntries): Promise<ModelEntries> {
  const { keyModels } = await import("../../shared/key-models.ts")
  const endpoint = key.endpoint ?? (await options.endpoints.find(key.apiKey))
  if (endpoint === undefined) {
    // The models of all plans that the key can belong to, until its endpoint is detected.
    return Object.assign({}, ...likelyPlaces(key).map((place) => keyModels(place, own, undefined)))
  }
  const { ids, stale } = await options.lists.find(endpoint.baseUrl)
  if (stale) options.refresh(endpoint.baseUrl, key.apiKey)
  return keyModels(endpoint, own, ids)
}

function likelyPlaces({ apiKey, hint }: StoredKey): readonly Pick<ApiEndpoint, "plan" | "region">[] {
  const region = hint?.region ?? "international"
  if (hint?.plan !== undefined) return [{ plan: hint.plan, region }]
  const plans = apiKey.startsWith("sk-sp-") ? [TOKEN_PLAN, CODING_PLAN] : [PAY_AS_YOU_GO]
  return plans.map(({ id }) => ({ plan: id, region }))
}

/**
 * The new list is used at the next start. OpenCode calls the hook often, so there is only one request per base URL at a
 * time.
 */
function createListRefresh({ platform, lists, signal }: ModelsHookOptions): ListRefresh {
  const running = new Set<string>()
  return (baseUrl, apiKey) => {
    if (running.has(baseUrl)) return
    running.add(baseUrl)
    requestModelList(platform, { baseUrl, apiKey }, signal)
      .then((outcome) => (outcome.kind === "accepted" ? lists.keep(baseUrl, outcome.ids) : undefined))
      .catch(() => {})
      .finally(() => running.delete(baseUrl))
  }
}
