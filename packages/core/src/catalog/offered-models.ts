import { REPLACED_IDS } from "./corrections.ts"
import { isChatModel } from "./is-chat-model.ts"
import type { ModelFacts } from "./model-facts.ts"
import { planModels } from "./plan-models.ts"
import type { PlanId, Region } from "./plans.ts"

/**
 * Returns the models that a key can use: those that the service lists, or the catalogue's if it lists none that chats.
 * Known models come first, in the catalogue's order, then the others by id, with cautious facts.
 * @param liveIds the ids that the service listed for the key; undefined if they are unknown
 */
export function offeredModels(
  plan: PlanId,
  region: Region,
  liveIds: readonly string[] | undefined = [],
): readonly ModelFacts[] {
  const known = planModels(plan, region)
  const live = new Set(liveIds.filter((id) => isChatModel(id) && !REPLACED_IDS.includes(id)))
  if (live.size === 0) return known
  const listed = known.filter(({ id }) => live.has(id))
  for (const { id } of listed) live.delete(id)
  return [...listed, ...[...live].sort().map(cautiousFacts)]
}

/** Returns facts that hold for any chat model of today, for a model that is not in the catalogue. */
function cautiousFacts(id: string): ModelFacts {
  return {
    id,
    name: id,
    contextTokens: 131_072,
    outputTokens: 8_192,
    imageInput: /-vl|vision/i.test(id),
    videoInput: false,
    pdfInput: false,
    replaysThinking: false,
  }
}
