import type { ProviderHook } from "@opencode-ai/plugin"
import type { Platform } from "qwen-auth-core"
import { CODING_PLAN, PAY_AS_YOU_GO, type Plan, planOf, requestModelList, TOKEN_PLAN } from "qwen-auth-core/internal"
import type { EnvironmentKey } from "qwen-auth-local/environment-key"
import type { KeyEndpointCache } from "qwen-auth-local/key-endpoint-cache"
import type { ModelLists } from "qwen-auth-local/model-list-cache"
import type { StoredKey } from "qwen-auth-local/stored-key"
import {
  accountModels,
  type ModelEntries,
  ownModels,
  planModels,
  signedOutModels,
} from "../../shared/provider-models.ts"
import { hostRecord } from "../host/host-record.ts"
import { PROVIDER_ID } from "../messages.ts"

/** What the choice of models depends on beside OpenCode's record. */
export interface ModelsHookOptions {
  readonly platform: Platform
  readonly environmentKey: EnvironmentKey | undefined
  /** OpenCode's own key for this provider is in the environment. */
  readonly ownKey: boolean
  readonly endpoints: KeyEndpointCache
  readonly lists: ModelLists
  /** Ends requests that nobody waits for. */
  readonly signal: AbortSignal
}

/**
 * The models of the provider in each state: what the sign-in can use, and nothing that it cannot. Never throws, because OpenCode
 * would not start; never waits for the network, because OpenCode's start would wait with it.
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

/** Requests a new list of models for an address, in the background. */
type ListRefresh = (baseUrl: string, apiKey: string) => void

type ModelSources = ModelsHookOptions & { readonly refresh: ListRefresh }

async function modelsFor(options: ModelSources, auth: unknown, own: ModelEntries): Promise<ModelEntries> {
  const record = hostRecord(auth)
  switch (record.kind) {
    case "account":
      return accountModels(own)
    case "key":
      return keyModels(options, record.key, own)
    case "other":
      return ownModels(own)
    case "none":
      if (options.environmentKey !== undefined) return keyModels(options, await options.environmentKey.stored(), own)
      return options.ownKey ? ownModels(own) : signedOutModels(own)
  }
}

async function keyModels(options: ModelSources, key: StoredKey, own: ModelEntries): Promise<ModelEntries> {
  const site = key.endpoint ?? (await options.endpoints.find(key.apiKey))
  if (site === undefined) return likelyModels(key, own)
  const { ids, stale } = await options.lists.find(site.baseUrl)
  if (stale) options.refresh(site.baseUrl, key.apiKey)
  return planModels(planOf(site.plan), own, ids)
}

/** Until it is found out where a key belongs: what it can be for. */
function likelyModels({ apiKey, hint }: StoredKey, own: ModelEntries): ModelEntries {
  const known = hint?.plan === undefined ? undefined : planOf(hint.plan)
  const candidates: readonly Plan[] = apiKey.startsWith("sk-sp-") ? [TOKEN_PLAN, CODING_PLAN] : [PAY_AS_YOU_GO]
  const plans = known === undefined ? candidates : [known]
  return Object.assign({}, ...plans.map((plan) => planModels(plan, own, undefined)))
}

/** The new list is for the next start, so nothing waits for it. OpenCode asks for the models often: one request per address at a time. */
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
