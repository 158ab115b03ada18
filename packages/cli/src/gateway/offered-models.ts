import type { Credential } from "qwen-auth-core"
import { CODER_MODEL, type ModelFacts, OAUTH_MODELS, planOf } from "qwen-auth-core/internal"

/** The models that a sign-in can use. */
export interface OfferedModels {
  readonly models: readonly ModelFacts[]
  /** The model for coding. */
  readonly coding: ModelFacts
  /** A small, fast model for side tasks; the same one if the plan has none. */
  readonly small: ModelFacts
}

/**
 * The most input that Model Studio takes for its models of a million tokens, tokens (documented: "Range of input length
 * should be [1, 983616]").
 */
export const MAX_INPUT_TOKENS = 983_616

/** Returns the models of a credential's plan, from the catalogue. */
export function offeredModels(credential: Credential): OfferedModels {
  if (credential.type === "oauth") return { models: OAUTH_MODELS, coding: CODER_MODEL, small: CODER_MODEL }
  const { models, codingModels } = planOf(credential.plan)
  const coding = models.find(({ id }) => id === codingModels[0]) ?? models[0] ?? CODER_MODEL
  return { models, coding, small: models.find(({ id }) => /^qwen.*-flash$/.test(id)) ?? coding }
}

/** What a client may want to know of a model beside its id. The names are those of OpenRouter, which clients know. */
function modelEntry({ id, name, contextTokens, outputTokens, imageInput, thinking }: ModelFacts): object {
  return {
    id,
    object: "model",
    created: 0,
    owned_by: "qwen",
    // Anthropic's clients read these two.
    type: "model",
    display_name: name,
    context_length: contextTokens,
    max_input_tokens: Math.min(contextTokens, MAX_INPUT_TOKENS),
    max_output_tokens: outputTokens,
    input_modalities: imageInput ? ["text", "image"] : ["text"],
    supports_thinking: Boolean(thinking),
  }
}

/** Returns the list of models in OpenAI's form, with each model's limits in tokens. */
export function modelList({ models }: OfferedModels): object {
  return { object: "list", data: models.map(modelEntry), has_more: false }
}
