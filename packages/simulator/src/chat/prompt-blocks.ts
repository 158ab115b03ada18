import type { ChatMessage, ChatRequest, ContentPart } from "./chat-request.ts"

/** A piece of the prompt that can carry a mark for the prompt cache. */
export interface PromptBlock {
  /** What makes it this block and no other; the mark is no part of it. */
  content: string
  tokens: number
  /** Marked with `cache_control`. */
  marked: boolean
}

/** About right for English and code; exact counts would need the real tokenizer. */
const CHARACTERS_PER_TOKEN = 4
/** What the chat format adds to each message. */
const TOKENS_PER_MESSAGE = 4
/** An image of ordinary size. */
const TOKENS_PER_IMAGE = 258

/** The prompt as the model reads it: tools, then the messages part by part. A text counts the same as a list of one part. */
export function promptBlocks({ tools = [], messages }: ChatRequest): PromptBlock[] {
  const declared = tools.map(({ name, description, parameters, marked }) => {
    const content = JSON.stringify({ name, description, parameters })
    return { content, tokens: countTokens(content.length), marked }
  })
  return [...declared, ...messages.flatMap(messageBlocks)]
}

/** The tokens of some blocks. */
export function tokensOf(blocks: readonly PromptBlock[]): number {
  return blocks.reduce((sum, { tokens }) => sum + tokens, 0)
}

export function countTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN)
}

/** The most characters that so many tokens stand for. */
export function charactersOf(tokens: number): number {
  return tokens * CHARACTERS_PER_TOKEN
}

function messageBlocks({ role, parts, toolCalls, toolCallId = "" }: ChatMessage): PromptBlock[] {
  const head = { content: `${role} ${toolCallId}`, tokens: TOKENS_PER_MESSAGE, marked: false }
  const calls = toolCalls.map(({ name, arguments: given }) => ({
    content: `${name} ${given}`,
    tokens: countTokens(name.length + given.length),
    marked: false,
  }))
  return joinedToFirst(head, [...parts.map(partBlock), ...calls])
}

/** The start of a message belongs to its first block. */
function joinedToFirst(head: PromptBlock, [first, ...rest]: PromptBlock[]): PromptBlock[] {
  if (first === undefined) return [head]
  const joined = { ...first, content: `${head.content}\n${first.content}`, tokens: head.tokens + first.tokens }
  return [joined, ...rest]
}

function partBlock(part: ContentPart): PromptBlock {
  const { marked } = part
  return part.kind === "image"
    ? { content: part.url, tokens: TOKENS_PER_IMAGE, marked }
    : { content: part.text, tokens: countTokens(part.text.length), marked }
}
