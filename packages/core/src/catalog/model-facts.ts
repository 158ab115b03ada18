/** A model as a host needs to know it. Token counts are the model's limits. */
export interface ModelFacts {
  readonly id: string
  readonly name: string
  readonly contextTokens: number
  readonly outputTokens: number
  readonly imageInput: boolean
  /** Thinks before it answers unless told not to. */
  readonly thinking: boolean
}
