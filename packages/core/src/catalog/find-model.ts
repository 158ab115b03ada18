import type { ModelFacts } from "./model-facts.ts"
import { planModels } from "./plan-models.ts"
import type { PlanId, Region } from "./plans.ts"

/**
 * Returns the facts of a model in a plan.
 * @param region where the key belongs
 * @param id the API's id, in its case
 * @returns undefined if the catalogue does not have the model
 */
export function findModel(plan: PlanId, region: Region, id: string): ModelFacts | undefined {
  return planModels(plan, region).find((facts) => facts.id === id)
}
