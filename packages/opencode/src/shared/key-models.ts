import type { ApiEndpoint } from "qwen-auth-core"
import {
  CODING_PLAN,
  isChatModel,
  isPlanKey,
  type ModelFacts,
  modelPrice,
  offeredModels,
  PAY_AS_YOU_GO,
  planModels,
  planOf,
  TOKEN_PLAN,
} from "qwen-auth-core/internal"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { withAliases } from "./aliases.ts"
import { FREE, type ModelEntries, type ModelEntry, modelEntry } from "./model-entry.ts"

/** What decides which models a key has. */
export type PlanRegion = Pick<ApiEndpoint, "plan" | "region">

/**
 * Returns the models of a key. `coder-model` and `vision-model` are aliases of two of them. This file imports the
 * catalogue, so it is loaded for a key only.
 * @param own OpenCode's own models of the provider, which are those of pay as you go outside China
 * @param liveIds the ids that the service listed for the key; undefined if they are unknown
 */
export function keyModels(where: PlanRegion, own: ModelEntries, liveIds: readonly string[] | undefined): ModelEntries {
  const { plan, region } = where
  const hostModels = new Map(Object.entries(own))
  const known = new Set(planModels(plan, region).map(({ id }) => id))
  // OpenCode may know a model that is newer than our catalogue.
  const ids = pricesHold(where) && liveIds?.some(isChatModel) !== true ? [...known, ...hostModels.keys()] : liveIds
  const entries = offeredModels(plan, region, ids).map(
    (facts) => [facts.id, keyEntry(where, facts, known.has(facts.id), hostModels.get(facts.id))] as const,
  )
  return withAliases(planOf(plan), Object.fromEntries(entries))
}

/** Returns the plans that a key can belong to, until its endpoint is detected. */
export function likelyPlans({ apiKey, hint }: StoredKey): readonly PlanRegion[] {
  const region = hint?.region ?? "international"
  if (hint?.plan !== undefined) return [{ plan: hint.plan, region }]
  const plans = isPlanKey(apiKey) ? [TOKEN_PLAN, CODING_PLAN] : [PAY_AS_YOU_GO]
  return plans.map(({ id }) => ({ plan: id, region }))
}

/**
 * Returns whether OpenCode's prices apply. They are for pay as you go outside China, and have steps that the catalogue
 * does not have.
 */
export function pricesHold({ plan, region }: PlanRegion): boolean {
  return plan === PAY_AS_YOU_GO.id && region !== "china"
}

function keyEntry(where: PlanRegion, facts: ModelFacts, known: boolean, own: ModelEntry | undefined): ModelEntry {
  if (own !== undefined && !known) return pricesHold(where) ? own : { ...own, cost: FREE, variants: {} }
  const cost = own !== undefined && pricesHold(where) ? own.cost : costIn(where, facts.id)
  return { ...modelEntry(facts), cost }
}

function costIn({ plan, region }: PlanRegion, id: string): ModelEntry["cost"] {
  const price = plan === PAY_AS_YOU_GO.id ? modelPrice(region, id) : undefined
  if (price === undefined) return FREE
  const { input, output, cacheRead = 0, cacheWrite = 0 } = price
  return { input, output, cache: { read: cacheRead, write: cacheWrite } }
}
