import type { ChatAnswer } from "./chat-answer.ts"
import type { ChatRequest } from "./chat-request.ts"
import type { PromptCache } from "./prompt-cache.ts"

/** Token counts in OpenAI's form. */
export interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details: { cached_tokens: number }
  completion_tokens_details: { reasoning_tokens: number }
}

/** About right for English and code; exact counts would need the real tokenizer. */
const CHARACTERS_PER_TOKEN = 4
/** What the chat format adds to each message. */
const TOKENS_PER_MESSAGE = 4
/** An image of ordinary size. */
const TOKENS_PER_IMAGE = 258

/** Plausible counts for a request and its answer: the same for the same input, and adding up. */
export function usageOf(request: ChatRequest, answer: ChatAnswer, cache: PromptCache): Usage {
  const prompt = promptTokens(request)
  const reasoning = tokens(answer.reasoning.length)
  let characters = 0
  for (const piece of answer.text) characters += piece.length
  for (const call of answer.toolCalls) characters += call.name.length + call.arguments.length
  const completion = reasoning + tokens(characters)
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: tokens(cache.cachedCharacters(request)) },
    completion_tokens_details: { reasoning_tokens: reasoning },
  }
}

function promptTokens({ messages, tools }: ChatRequest): number {
  let count = tools === undefined ? 0 : tokens(JSON.stringify(tools).length)
  for (const message of messages) {
    count += TOKENS_PER_MESSAGE
    for (const part of message.parts) count += part.kind === "image" ? TOKENS_PER_IMAGE : tokens(part.text.length)
    for (const call of message.toolCalls) count += tokens(call.name.length + call.arguments.length)
  }
  return count
}

function tokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN)
}
