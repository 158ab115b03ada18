import type { ModelFacts } from "./model-facts.ts"
import { planModels } from "./plan-models.ts"
import type { PlanId, Region } from "./plans.ts"

/**
 * Returns the facts of a model in a plan.
 * @param region the region of the key
 * @param id the id in the API, in the same case
 * @returns undefined if the catalogue does not have the model
 */
export function findModel(plan: PlanId, region: Region, id: string): ModelFacts | undefined {
  return planModels(plan, region).find((facts) => facts.id === id)
}
