import { CODING_PLAN, PAY_AS_YOU_GO, type Plan, planOf, requestModelList, TOKEN_PLAN } from "qwen-auth-core/internal"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { accountModels, type ModelEntries, planModels } from "../../shared/provider-models.ts"
import type { HostCredential } from "../host-credential.ts"
import type { Services } from "../services.ts"
import { type ModelPlan, SIGNED_OUT } from "./model-plan.ts"

/** Returns the models for the credential that OpenCode uses. No request is made for them. */
export async function connectedModels(
  services: Pick<Services, "caches">,
  credential: HostCredential | undefined,
): Promise<ModelPlan> {
  if (credential === undefined) return SIGNED_OUT
  const own = planModels(PAY_AS_YOU_GO, {}, undefined)
  if (credential.kind === "account") return { models: Object.values(accountModels(own)), removed: [], paid: false }
  const endpoint = await endpointOf(services, credential.key)
  const lists = endpoint === undefined ? undefined : await services.caches.lists.find(endpoint.baseUrl)
  const plans = endpoint === undefined ? likelyPlans(credential.key) : [planOf(endpoint.plan)]
  const models: ModelEntries = Object.assign({}, ...plans.map((plan) => planModels(plan, {}, lists?.ids)))
  const paid = plans.some(({ id }) => id === PAY_AS_YOU_GO.id)
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

/** The plans that a key can belong to, until its endpoint is detected. */
function likelyPlans({ apiKey, hint }: StoredKey): readonly Plan[] {
  if (hint?.plan !== undefined) return [planOf(hint.plan)]
  return apiKey.startsWith("sk-sp-") ? [TOKEN_PLAN, CODING_PLAN] : [PAY_AS_YOU_GO]
}
