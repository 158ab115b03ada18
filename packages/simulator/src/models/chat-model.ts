/** What a key route knows of a model to chat with. */
export interface ChatModel {
  /** The most tokens of input. */
  inputTokens: number
  thinking: Thinking
}

/** How a model thinks, and what a request may say about it. */
export interface Thinking {
  thinks: boolean
  /** `enable_thinking: false` is taken. */
  canBeOff: boolean
  /** The values of `reasoning_effort`; empty: it has none. */
  efforts: readonly string[]
  /** The most `thinking_budget`; undefined: it has none. */
  maxBudget: number | undefined
  /** What a request must be that is not streamed. */
  unstreamed: Unstreamed
}

/** `off`: the request must switch thinking off; `refused`: the model answers in streams only. */
type Unstreamed = "answered" | "off" | "refused"

/** A budget whose maximum nobody documented. */
export const UNDOCUMENTED = Number.POSITIVE_INFINITY

export function model(inputTokens: number, thinking: Thinking): ChatModel {
  return { inputTokens, thinking }
}

/** Never thinks. */
export const never: Thinking = {
  thinks: false,
  canBeOff: true,
  efforts: [],
  maxBudget: undefined,
  unstreamed: "answered",
}

/** Always thinks, and so has to be streamed. */
export function always(maxBudget?: number): Thinking {
  return { thinks: true, canBeOff: false, efforts: [], maxBudget, unstreamed: "refused" }
}

/** Thinks unless told not to. */
export function hybrid(maxBudget?: number, efforts: readonly string[] = []): Thinking {
  return { thinks: true, canBeOff: true, efforts, maxBudget, unstreamed: "answered" }
}

/** Thinks as hard as it is told. It has no switch: only the effort `none` is off. */
export function byEffort(efforts: readonly string[], maxBudget?: number): Thinking {
  return { ...hybrid(maxBudget, efforts), canBeOff: false }
}

/** Qwen3's hybrids with open weights: think unless told not to, which a request that is not streamed must do. */
export const openWeight: Thinking = { ...hybrid(38_912), unstreamed: "off" }
