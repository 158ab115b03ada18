import { ADDED_MODELS, CODING_PLAN_IDS, CORRECTIONS } from "./corrections.ts"
import type { ModelFacts } from "./model-facts.ts"
import { publishedModels } from "./model-rows.ts"
import type { PlanId, Region } from "./plans.ts"

const cache = new Map<string, readonly ModelFacts[]>()

/**
 * Returns the known models of a plan: those of models.dev with our corrections. The service's own list takes precedence
 * (see offered-models.ts).
 */
export function planModels(plan: PlanId, region: Region): readonly ModelFacts[] {
  const key = `${plan} ${region}`
  const cached = cache.get(key)
  if (cached !== undefined) return cached
  const published = [...publishedModels(plan, region), ...(ADDED_MODELS[plan] ?? [])]
  const models = inPlan(plan, published).map((facts) => corrected(plan, region, facts))
  cache.set(key, models)
  return models
}

function inPlan(plan: PlanId, models: readonly ModelFacts[]): readonly ModelFacts[] {
  if (plan !== "coding-plan") return models
  return CODING_PLAN_IDS.flatMap((id) => models.filter((facts) => facts.id === id))
}

function corrected(plan: PlanId, region: Region, published: ModelFacts): ModelFacts {
  let facts = published
  for (const { of, ids, facts: changes } of CORRECTIONS) {
    const applies =
      (of.plan ?? plan) === plan &&
      (of.region ?? region) === region &&
      (of.contextTokens ?? facts.contextTokens) === facts.contextTokens &&
      (typeof ids === "string" ? facts.id.startsWith(ids) : ids.includes(facts.id))
    if (applies) facts = { ...facts, ...changes }
  }
  return facts
}
