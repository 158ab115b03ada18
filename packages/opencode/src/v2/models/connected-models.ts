import { CODING_PLAN, PAY_AS_YOU_GO, requestModelList, TOKEN_PLAN } from "qwen-auth-core/internal"
import type { StoredKey } from "qwen-auth-local/stored-key"
import type { KeyPlace } from "../../shared/key-models.ts"
import type { ModelEntries } from "../../shared/model-entry.ts"
import { accountModels } from "../../shared/provider-models.ts"
import type { HostCredential } from "../host-credential.ts"
import type { Services } from "../services.ts"
import { type ModelPlan, SIGNED_OUT } from "./model-plan.ts"

/** Where OpenCode's own list of the provider comes from. */
const OWN_PLACE: KeyPlace = { plan: PAY_AS_YOU_GO.id, region: "international" }

/** Returns the models for the credential that OpenCode uses. No request is made for them. */
export async function connectedModels(
  services: Pick<Services, "caches">,
  credential: HostCredential | undefined,
): Promise<ModelPlan> {
  if (credential === undefined) return SIGNED_OUT
  const { keyModels } = await import("../../shared/key-models.ts")
  const own = keyModels(OWN_PLACE, {}, undefined)
  if (credential.kind === "account") return { models: Object.values(accountModels(own)), removed: [], paid: false }
  const endpoint = await endpointOf(services, credential.key)
  const lists = endpoint === undefined ? undefined : await services.caches.lists.find(endpoint.baseUrl)
  const places = endpoint === undefined ? likelyPlaces(credential.key) : [endpoint]
  const models: ModelEntries = Object.assign({}, ...places.map((place) => keyModels(place, {}, lists?.ids)))
  const paid = places.some(({ plan, region }) => plan === PAY_AS_YOU_GO.id && region !== "china")
  const removed = paid ? [] : Object.keys(own).filter((id) => !Object.hasOwn(models, id))
  return { models: Object.values(models), removed, paid }
}

/**
 * Requests the list of a key's models if the cached one is old.
 * @returns whether there is a new list
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
  await services.caches.lists.keep(endpoint.baseUrl, outcome.ids)
  return true
}

function endpointOf({ caches }: Pick<Services, "caches">, { endpoint, apiKey }: StoredKey) {
  return endpoint === undefined ? caches.endpoints.find(apiKey) : Promise.resolve(endpoint)
}

/** The places that a key can belong to, until its endpoint is detected. */
function likelyPlaces({ apiKey, hint }: StoredKey): readonly KeyPlace[] {
  const region = hint?.region ?? "international"
  if (hint?.plan !== undefined) return [{ plan: hint.plan, region }]
  const plans = apiKey.startsWith("sk-sp-") ? [TOKEN_PLAN, CODING_PLAN] : [PAY_AS_YOU_GO]
  return plans.map(({ id }) => ({ plan: id, region }))
}
