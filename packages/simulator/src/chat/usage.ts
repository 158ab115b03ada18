import type { ChatAnswer } from "./chat-answer.ts"
import type { ChatRequest } from "./chat-request.ts"
import { countTokens, promptBlocks, tokensOf } from "./prompt-blocks.ts"
import type { CacheUse } from "./prompt-cache.ts"

/** Token counts in OpenAI's form, and Model Studio's additions to it. */
export interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details: PromptTokensDetails
  completion_tokens_details: { reasoning_tokens: number }
}

interface PromptTokensDetails {
  cached_tokens: number
  /** This field and the following are present only when the request used the cache. */
  cache_creation_input_tokens?: number
  cache_creation?: { ephemeral_5m_input_tokens: number }
  cache_type?: "ephemeral"
}

/** Plausible and consistent counts for a request and its answer, the same for the same input. */
export function usageOf(request: ChatRequest, answer: ChatAnswer, cache: CacheUse | undefined): Usage {
  const prompt = tokensOf(promptBlocks(request))
  const reasoning = countTokens(answer.reasoning.length)
  let characters = 0
  for (const piece of answer.text) characters += piece.length
  for (const call of answer.toolCalls) characters += call.name.length + call.arguments.length
  const completion = reasoning + countTokens(characters)
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: cache === undefined ? { cached_tokens: 0 } : cacheDetails(cache),
    completion_tokens_details: { reasoning_tokens: reasoning },
  }
}

function cacheDetails({ cachedTokens, createdTokens }: CacheUse): PromptTokensDetails {
  return {
    cached_tokens: cachedTokens,
    cache_creation_input_tokens: createdTokens,
    cache_creation: { ephemeral_5m_input_tokens: createdTokens },
    cache_type: "ephemeral",
  }
}
