import type { ChatMessage, ChatRequest, ContentPart } from "./chat-request.ts"

/** A block of the prompt that can have a mark for the prompt cache. */
export interface PromptBlock {
  /** Identifies the block. The mark is not part of it. */
  content: string
  tokens: number
  /** Marked with `cache_control`. */
  marked: boolean
}

/** Approximate for English and code. Exact counts would need the real tokenizer. */
const CHARACTERS_PER_TOKEN = 4
/** The tokens that the chat format adds to each message. */
const TOKENS_PER_MESSAGE = 4
/** The tokens of an image of ordinary size. */
const TOKENS_PER_IMAGE = 258

/** The prompt in the order of the model: tools, then the parts of the messages. A string counts as a list of one part. */
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

/** The maximum number of characters for a number of tokens. */
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
