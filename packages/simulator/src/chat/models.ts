/** The properties of a model on the OAuth route. */
export interface Model {
  /** The maximum `max_tokens`. */
  maxTokens: number
  /** Whether it accepts images. */
  images: boolean
}

/** The models of the OAuth route. The last two were also accepted (observed). */
export const MODELS: Readonly<Record<string, Model>> = {
  "coder-model": { maxTokens: 65_536, images: true },
  "vision-model": { maxTokens: 8_192, images: true },
  "qwen3-coder-plus": { maxTokens: 65_536, images: false },
  "qwen3-coder-flash": { maxTokens: 65_536, images: false },
}
