/** The properties of a chat model on a key route. */
export interface ChatModel {
  /** The maximum number of input tokens. */
  inputTokens: number
  thinking: Thinking
}

/** The thinking of a model, and the parameters that control it. */
export interface Thinking {
  thinks: boolean
  /** Whether `enable_thinking: false` is accepted. */
  canBeOff: boolean
  /** The values of `reasoning_effort`; empty if not supported. */
  efforts: readonly string[]
  /** The maximum `thinking_budget`; `undefined` if not supported. */
  maxBudget: number | undefined
  /** The requirement for a request that is not streamed. */
  unstreamed: Unstreamed
}

/** `off`: the request must switch thinking off; `refused`: the model only answers in streams. */
type Unstreamed = "answered" | "off" | "refused"

/** A budget without a documented maximum. */
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

/** Always thinks, and therefore must be streamed. */
export function always(maxBudget?: number): Thinking {
  return { thinks: true, canBeOff: false, efforts: [], maxBudget, unstreamed: "refused" }
}

/** Thinks unless thinking is disabled. */
export function hybrid(maxBudget?: number, efforts: readonly string[] = []): Thinking {
  return { thinks: true, canBeOff: true, efforts, maxBudget, unstreamed: "answered" }
}

/** Thinks with the requested effort. It has no switch; only the effort `none` disables thinking. */
export function byEffort(efforts: readonly string[], maxBudget?: number): Thinking {
  return { ...hybrid(maxBudget, efforts), canBeOff: false }
}

/** Qwen3's hybrids with open weights: think unless disabled. A request that is not streamed must disable thinking. */
export const openWeight: Thinking = { ...hybrid(38_912), unstreamed: "off" }
