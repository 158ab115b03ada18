/** How a model thinks and what a request may choose. From `reasoning_options` of models.dev. */
export interface ThinkingOptions {
  /** A request can switch thinking off with `enable_thinking: false`. */
  readonly toggle: boolean
  /** The values of `reasoning_effort` that the model accepts, weakest first. */
  readonly efforts: readonly string[]
  /** The largest `thinking_budget`, tokens. Undefined if the model has no budget. */
  readonly maxBudgetTokens?: number | undefined
}

/** The properties of a model that a host or a request needs. */
export interface ModelFacts {
  readonly id: string
  readonly name: string
  /** The size of the context window, tokens. */
  readonly contextTokens: number
  /** The maximum length of an input, tokens. Undefined if only the context window limits it. */
  readonly inputTokens?: number | undefined
  /** The maximum length of an output, tokens. */
  readonly outputTokens: number
  readonly imageInput: boolean
  readonly videoInput: boolean
  readonly pdfInput: boolean
  /** Undefined if the model never thinks. */
  readonly thinking?: ThinkingOptions | undefined
  /** The model expects its thinking text back in the history, as `reasoning_content`. */
  readonly replaysThinking: boolean
}
