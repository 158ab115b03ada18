import type { ModelFacts } from "../catalog/model-facts.ts"
import type { ApiEndpoint, PlanId, Region } from "../catalog/plans.ts"
import { type BodyRules, type ChatBody, withoutEmptyTools } from "./body-rules.ts"
import { hasCacheMarks, withCacheMarks } from "./prompt-cache-marks.ts"
import { withStreamedThinking, withThinkingLimits } from "./thinking-corrections.ts"
import { thinksAbout, withThinkingParameters } from "./thinking-parameters.ts"

type FindModel = (plan: PlanId, region: Region, id: string) => ModelFacts | undefined

/**
 * Returns the body rules for requests with a key.
 * @param cacheMarks whether to mark prompts for the prompt cache
 * @param findModel finds a model in the catalogue
 */
export function keyBodyRules({ plan, region }: ApiEndpoint, cacheMarks: boolean, findModel: FindModel): BodyRules {
  return {
    id: `${plan} ${region} ${cacheMarks ? "marked" : "plain"}`,
    apply(body) {
      const { model } = body
      return keyRequestBody(body, typeof model === "string" ? findModel(plan, region, model) : undefined, cacheMarks)
    },
  }
}

/**
 * Returns a chat request as the official client would send it with an API key. First it corrects what the service would
 * refuse. Then it adds fields that make the response better or cheaper, unless the caller has set cache marks. A body that
 * needs no change is returned itself.
 * @param facts the facts of the model; undefined if the catalogue does not have it
 * @param cacheMarks whether to mark the prompt for the prompt cache
 */
export function keyRequestBody(body: ChatBody, facts: ModelFacts | undefined, cacheMarks: boolean): ChatBody {
  const translated = withThinkingParameters(withoutEmptyTools(body), facts)
  const accepted = withThinkingLimits(withStreamedThinking(translated, facts), facts)
  if (hasCacheMarks(accepted)) return accepted
  const improved = withModelExtras(accepted, facts)
  return cacheMarks ? withCacheMarks(improved) : improved
}

/** Models that can see images in their full resolution. */
const FULL_RESOLUTION = /^(?:qwen-vl|qwen3-vl-plus|qwen3\.[567]-plus)/i

/** Switches on what a model does not do by default, unless the caller chose. */
function withModelExtras(body: ChatBody, facts: ModelFacts | undefined): ChatBody {
  const images = FULL_RESOLUTION.test(String(body["model"])) && body["vl_high_resolution_images"] === undefined
  const history = facts?.replaysThinking === true && thinksAbout(body, facts) && body["preserve_thinking"] === undefined
  if (!images && !history) return body
  return {
    ...body,
    ...(images ? { vl_high_resolution_images: true } : {}),
    ...(history ? { preserve_thinking: true } : {}),
  }
}
