import type { Credential } from "qwen-auth-core"
import { CODER_MODEL, type ModelFacts, OAUTH_MODELS, planModels, planOf } from "qwen-auth-core/internal"

/** The models that a sign-in can use. */
export interface GatewayModels {
  readonly models: readonly ModelFacts[]
  /** The model for coding. */
  readonly coding: ModelFacts
  /** A small, fast model for side tasks; the same one if the plan has none. */
  readonly small: ModelFacts
}

/** The small models, the best first. */
const SMALL_MODELS = ["qwen3.8-flash", "qwen3.6-flash", "qwen3-coder-flash"]

/** Returns the models of a credential's plan, from the catalogue. */
export function gatewayModels(credential: Credential): GatewayModels {
  if (credential.type === "oauth") return { models: OAUTH_MODELS, coding: CODER_MODEL, small: CODER_MODEL }
  const models = planModels(credential.plan, credential.region)
  const first = (ids: readonly string[]) =>
    ids.map((wanted) => models.find(({ id }) => id === wanted)).find((facts) => facts !== undefined)
  const coding = first(planOf(credential.plan).codingModels) ?? models[0] ?? CODER_MODEL
  return { models, coding, small: first(SMALL_MODELS) ?? coding }
}

/** The most input that a model takes, tokens. */
export function maxInputTokens({ inputTokens, contextTokens }: ModelFacts): number {
  return inputTokens ?? contextTokens
}

/** Describes a model for clients. The names of the facts are those of OpenRouter, which clients know. */
function modelEntry(facts: ModelFacts): object {
  return {
    id: facts.id,
    object: "model",
    created: 0,
    owned_by: "qwen",
    // Anthropic's clients read these two.
    type: "model",
    display_name: facts.name,
    context_length: facts.contextTokens,
    max_input_tokens: maxInputTokens(facts),
    max_output_tokens: facts.outputTokens,
    input_modalities: facts.imageInput ? ["text", "image"] : ["text"],
    supports_thinking: facts.thinking !== undefined,
  }
}

/** Returns the list of models in OpenAI's format, with each model's limits in tokens. */
export function modelList({ models }: GatewayModels): object {
  return { object: "list", data: models.map(modelEntry), has_more: false }
}
