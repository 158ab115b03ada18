import type { ModelFacts } from "../catalog/model-facts.ts"
import type { ApiEndpoint, PlanId, Region } from "../catalog/plans.ts"
import { type BodyRules, type ChatBody, withoutEmptyTools } from "./body-rules.ts"
import { hasCacheMarks, takesCacheMarks, withCacheMarks } from "./prompt-cache-marks.ts"
import { withStreamedThinking } from "./streamed-thinking.ts"
import { withThinkingLimits } from "./thinking-limits.ts"
import { thinksAbout, withThinkingParameters } from "./thinking-parameters.ts"

type FindModel = (plan: PlanId, region: Region, id: string) => ModelFacts | undefined

/** What is not decided by the model. */
interface KeyBodyOptions {
  /** Whether to mark the prompt for the prompt cache. */
  readonly cacheMarks: boolean
}

/**
 * Returns the body rules for the requests of a key, and whether they mark prompts for the prompt cache.
 * @param promptCache whether the person wants marks
 * @param findModel looks a model up in the catalogue
 */
export function keyBodyRules(
  endpoint: ApiEndpoint,
  promptCache: boolean,
  findModel: FindModel,
): BodyRules & KeyBodyOptions {
  const { plan, region, baseUrl } = endpoint
  const cacheMarks = promptCache && takesCacheMarks(new URL(baseUrl).hostname)
  return {
    id: `${plan} ${region} ${cacheMarks ? "marked" : "plain"}`,
    cacheMarks,
    apply(body) {
      const model = body["model"]
      return keyRequestBody(body, typeof model === "string" ? findModel(plan, region, model) : undefined, {
        cacheMarks,
      })
    },
  }
}

/**
 * Returns a chat request as the official client would send it with an API key. First come corrections of what the service
 * would refuse, then additions that make the answer better or cheaper. A body with the caller's own cache marks gets no
 * addition. A body that needs no change is returned itself.
 * @param facts the facts of the model; undefined if the catalogue does not have it
 */
export function keyRequestBody(body: ChatBody, facts: ModelFacts | undefined, options: KeyBodyOptions): ChatBody {
  const translated = withThinkingParameters(withoutEmptyTools(body), facts)
  const accepted = withThinkingLimits(withStreamedThinking(translated, facts), facts)
  if (hasCacheMarks(accepted)) return accepted
  const improved = withModelExtras(accepted, facts)
  return options.cacheMarks ? withCacheMarks(improved) : improved
}

/** Models that can see images in their full resolution. */
const FULL_RESOLUTION = /^(?:qwen-vl|qwen3-vl-plus|qwen3\.[567]-plus)/i

/** Adds what a model can do but does not do by itself, unless the caller chose. */
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
