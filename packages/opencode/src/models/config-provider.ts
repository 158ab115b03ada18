import type { Config } from "@opencode-ai/plugin"
import { type ModelFacts, OAUTH_MODELS } from "qwen-auth-core"
import { PROVIDER_ID } from "./words.ts"

type ModelConfig = NonNullable<NonNullable<Config["provider"]>[string]["models"]>[string]

/**
 * Makes the models of the OAuth route known to OpenCode. What the user's own configuration says stays; only what it does not
 * say is filled in.
 */
export function addQwenModels(config: Config): void {
  const users = config.provider?.[PROVIDER_ID] ?? {}
  const models = OAUTH_MODELS.map(
    (model) => [model.id, { ...modelConfig(model), ...users.models?.[model.id] }] as const,
  )
  config.provider = {
    ...config.provider,
    [PROVIDER_ID]: { ...users, models: { ...users.models, ...Object.fromEntries(models) } },
  }
}

function modelConfig(model: ModelFacts): ModelConfig {
  return {
    name: model.name,
    attachment: model.imageInput,
    reasoning: model.thinking,
    temperature: true,
    tool_call: true,
    limit: { context: model.contextTokens, output: model.outputTokens },
    modalities: { input: model.imageInput ? ["text", "image"] : ["text"], output: ["text"] },
    cost: { input: 0, output: 0 },
  }
}
