/** What the OAuth route knows of a model. */
export interface Model {
  /** The most `max_tokens` it takes. */
  maxTokens: number
  /** Whether it takes images. */
  images: boolean
}

/** The models of the OAuth route; the last two were also accepted by name. */
export const MODELS: Readonly<Record<string, Model>> = {
  "coder-model": { maxTokens: 65_536, images: true },
  "vision-model": { maxTokens: 8_192, images: true },
  "qwen3-coder-plus": { maxTokens: 65_536, images: false },
  "qwen3-coder-flash": { maxTokens: 65_536, images: false },
}
