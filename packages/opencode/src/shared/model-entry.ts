import type { ProviderHook } from "@opencode-ai/plugin"
import type { ModelFacts } from "qwen-auth-core/internal"
import { PROVIDER_ID } from "../v1/messages.ts"

type ModelsHook = NonNullable<ProviderHook["models"]>
/** OpenCode's own form of a model. It has to be complete: OpenCode ends on one that is not (observed). */
export type ModelEntry = Awaited<ReturnType<ModelsHook>>[string]

/** Where OpenCode sends requests of this provider when nothing says otherwise. */
export const MODEL_API_URL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
const FREE = { input: 0, output: 0, cache: { read: 0, write: 0 } }
const TEXT = { text: true, audio: false, image: false, video: false, pdf: false }

/** A model as OpenCode needs to know it; it costs nothing beyond the account or the plan. */
export function modelEntry(facts: ModelFacts): ModelEntry {
  const { id, name, contextTokens, outputTokens, imageInput, thinking } = facts
  return {
    id,
    providerID: PROVIDER_ID,
    name,
    api: { id, url: MODEL_API_URL, npm: "@ai-sdk/openai-compatible" },
    capabilities: {
      temperature: true,
      reasoning: thinking,
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

/** A model under another id: what goes out is the model's own. */
export function aliasEntry(id: string, model: ModelEntry, name: string): ModelEntry {
  return { ...model, id, name }
}
