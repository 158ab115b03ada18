import type { ModelFacts } from "./model-facts.ts"

const WITH_IMAGES = { imageInput: true, videoInput: false, pdfInput: false, replaysThinking: false }

/**
 * The model that the OAuth route uses for every text model id. Its thinking cannot be chosen, because that route does
 * not support `reasoning_effort`.
 */
export const CODER_MODEL: ModelFacts = {
  id: "coder-model",
  name: "Qwen Coder (Qwen account)",
  contextTokens: 1_000_000,
  outputTokens: 65_536,
  ...WITH_IMAGES,
  thinking: { toggle: false, efforts: [] },
}

/** The model that the OAuth route uses for every vision model id. */
export const VISION_MODEL: ModelFacts = {
  id: "vision-model",
  name: "Qwen Vision (Qwen account)",
  contextTokens: 131_072,
  outputTokens: 8_192,
  ...WITH_IMAGES,
}

/** The two models of the OAuth route. */
export const OAUTH_MODELS: readonly ModelFacts[] = [CODER_MODEL, VISION_MODEL]

/**
 * `qwen3-vl-plus`, `qwen-vl-max`, `qvq-max`, `qwen-vl-ocr`, `vision-model`: the letters form a separate part of the id.
 */
const VISION_ID = /(^|[^a-z])(vl|qvq|vision)([^a-z]|$)/i

/** Returns the model that the OAuth route uses for a model id. */
export function oauthModel(id: string): ModelFacts {
  return VISION_ID.test(id) ? VISION_MODEL : CODER_MODEL
}
