import type { ProviderHook } from "@opencode-ai/plugin"
import type { ModelFacts } from "qwen-auth-core/internal"
import { PROVIDER_ID } from "../v1/messages.ts"

type ModelsHook = NonNullable<ProviderHook["models"]>
/** A model in OpenCode's format. It must be complete, because OpenCode crashes on an incomplete one (observed). */
export type ModelEntry = Awaited<ReturnType<ModelsHook>>[string]

/** The base URL to which OpenCode sends this provider's requests by default. */
export const MODEL_API_URL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
const FREE = { input: 0, output: 0, cache: { read: 0, write: 0 } }
const TEXT = { text: true, audio: false, image: false, video: false, pdf: false }

/** Converts a model to OpenCode's format. Its price is 0, because the account or plan covers it. */
export function modelEntry(facts: ModelFacts): ModelEntry {
  const { id, name, contextTokens, outputTokens, imageInput, thinking } = facts
  return {
    id,
    providerID: PROVIDER_ID,
    name,
    api: { id, url: MODEL_API_URL, npm: "@ai-sdk/openai-compatible" },
    capabilities: {
      temperature: true,
      reasoning: thinking !== undefined,
      attachment: imageInput,
      toolcall: true,
      input: { ...TEXT, image: imageInput },
      output: TEXT,
      interleaved: false,
    },
    cost: FREE,
    limit: { context: contextTokens, output: outputTokens },
    status: "active",
    options: {},
    headers: {},
    release_date: "",
    variants: {},
  }
}

/** Returns an alias of a model. Requests still use the model's own id. */
export function aliasEntry(id: string, model: ModelEntry, name: string): ModelEntry {
  return { ...model, id, name }
}
