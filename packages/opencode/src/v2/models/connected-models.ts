import { PAY_AS_YOU_GO, requestModelList } from "qwen-auth-core/internal"
import type { StoredKey } from "qwen-auth-local/stored-key"
import type { PlanRegion } from "../../shared/key-models.ts"
import type { ModelEntries } from "../../shared/model-entry.ts"
import { accountModels } from "../../shared/provider-models.ts"
import type { HostCredential } from "../host-credential.ts"
import type { Services } from "../services.ts"
import { type ModelPlan, SIGNED_OUT } from "./model-plan.ts"

/** The plan and region of OpenCode's own list of the provider. */
const OWN_LIST: PlanRegion = { plan: PAY_AS_YOU_GO.id, region: "international" }

/** Returns the models for OpenCode's current credential. Makes no request. */
export async function connectedModels(
  services: Pick<Services, "caches">,
  credential: HostCredential | undefined,
): Promise<ModelPlan> {
  if (credential === undefined) return SIGNED_OUT
  const { keyModels, likelyPlans, pricesHold } = await import("../../shared/key-models.ts")
  const own = keyModels(OWN_LIST, {}, undefined)
  if (credential.kind === "account")
    return { models: Object.values(accountModels(own)), removed: [], hostPrices: false }
  const endpoint = await endpointOf(services, credential.key)
  const lists = endpoint === undefined ? undefined : await services.caches.lists.find(endpoint.baseUrl)
  const plans = endpoint === undefined ? likelyPlans(credential.key) : [endpoint]
  const models: ModelEntries = Object.assign({}, ...plans.map((each) => keyModels(each, {}, lists?.ids)))
  const hostPrices = plans.some(pricesHold)
  const removed = hostPrices ? [] : Object.keys(own).filter((id) => !Object.hasOwn(models, id))
  return { models: Object.values(models), removed, hostPrices }
}

/**
 * Requests the list of a key's models if the cached one is old.
 * @returns whether a new list was stored
 */
export async function refreshModelList(
  services: Pick<Services, "caches" | "platform">,
  credential: HostCredential | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (credential?.kind !== "key") return false
  const { apiKey } = credential.key
  const endpoint = await endpointOf(services, credential.key)
  if (endpoint === undefined || !(await services.caches.lists.find(endpoint.baseUrl)).stale) return false
  const outcome = await requestModelList(services.platform, { baseUrl: endpoint.baseUrl, apiKey }, signal)
  if (outcome.kind !== "accepted" || outcome.ids.length === 0) return false
  await services.caches.lists.remember(endpoint.baseUrl, outcome.ids)
  return true
}

function endpointOf({ caches }: Pick<Services, "caches">, { endpoint, apiKey }: StoredKey) {
  return endpoint === undefined ? caches.endpoints.find(apiKey) : Promise.resolve(endpoint)
}
