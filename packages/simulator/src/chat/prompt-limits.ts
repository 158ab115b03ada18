import type { Reply } from "../http/reply.ts"
import { invalidParameter } from "./api-error.ts"
import type { ChatRequest } from "./chat-request.ts"
import { promptBlocks, tokensOf } from "./prompt-blocks.ts"

const MOST_MARKS = 4

/** The refusal of a request with too many marks for the prompt cache. */
export function tooManyMarks(request: ChatRequest): Reply | undefined {
  const marks = promptBlocks(request).filter(({ marked }) => marked).length
  return marks > MOST_MARKS
    ? invalidParameter(`A maximum of ${MOST_MARKS} blocks with cache_control may be provided. Found ${marks}.`)
    : undefined
}

/** The refusal of a request with more input tokens than `limit`. */
export function inputTooLong(request: ChatRequest, limit: number): Reply | undefined {
  return tokensOf(promptBlocks(request)) > limit ? inputRangeError(limit) : undefined
}

/** The context is full. */
export function inputRangeError(limit: number): Reply {
  return invalidParameter(`Range of input length should be [1, ${limit}]`)
}
