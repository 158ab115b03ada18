/** The properties of a model that a host needs. */
export interface ModelFacts {
  readonly id: string
  readonly name: string
  /** The size of the context window, tokens. */
  readonly contextTokens: number
  /** The maximum length of an output, tokens. */
  readonly outputTokens: number
  readonly imageInput: boolean
  /** The model thinks before it answers unless a request turns that off. */
  readonly thinking: boolean
}
