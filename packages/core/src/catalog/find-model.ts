import type { ModelFacts } from "./model-facts.ts"
import { type PlanId, planOf, type Region } from "./plans.ts"

/**
 * Returns the facts of a model in a plan.
 * @param _region where the key belongs
 * @param id the API's id, in its case
 * @returns undefined if the catalogue does not have the model
 */
export function findModel(plan: PlanId, _region: Region, id: string): ModelFacts | undefined {
  return planOf(plan).models.find((model) => model.id === id)
}
