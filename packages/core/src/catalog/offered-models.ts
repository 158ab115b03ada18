import { REPLACED_IDS } from "./corrections.ts"
import type { ModelFacts } from "./model-facts.ts"
import { planModels } from "./plan-models.ts"
import type { PlanId, Region } from "./plans.ts"

/**
 * Returns the models that a key can use: the chat models that the service lists, or the catalogue's if it lists none.
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

/** Returns facts that are true of every current chat model, for a model that is not in the catalogue. */
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

/** Words in the ids of models that do not chat. */
const OTHER_KINDS =
  /embedding|rerank|image|video|audio|speech|voice|cosy|paraformer|music|ocr|omni|realtime|livetranslate|happyhorse|happyoyster|farui|intent-detect/i
/** Short words, which count only as whole parts of an id: `wan2.6-t2v`, `qwen3-tts-flash`, `qwen-mt-plus`. */
const OTHER_PARTS = /(^|[^a-z])(wanx?|asr|tts|mt|gui|s2s|[tirs]2[vi])([^a-z]|$)/i

/**
 * Returns false for models of images, video, audio, speech, music, embedding, ranking or translation, which the service
 * lists too. A model whose id does not show its kind counts as a chat model.
 */
export function isChatModel(id: string): boolean {
  return !OTHER_KINDS.test(id) && !OTHER_PARTS.test(id)
}
