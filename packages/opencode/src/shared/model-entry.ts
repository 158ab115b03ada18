import type { ProviderHook } from "@opencode-ai/plugin"
import { type ModelFacts, thinkingLevels } from "qwen-auth-core/internal"
import { PROVIDER_ID } from "./sign-in-texts.ts"

type ModelsHook = NonNullable<ProviderHook["models"]>
/** A model in OpenCode's format. It must be complete, because OpenCode crashes on an incomplete one (observed). */
export type ModelEntry = Awaited<ReturnType<ModelsHook>>[string]
/** OpenCode's models by their ids. */
export type ModelEntries = Record<string, ModelEntry>

/** The base URL to which OpenCode sends this provider's requests by default. */
export const MODEL_API_URL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
/** The price of a model that an account or a plan covers. */
export const FREE = { input: 0, output: 0, cache: { read: 0, write: 0 } }
const TEXT_OUTPUT = { text: true, audio: false, image: false, video: false, pdf: false }

/**
 * Converts a model to OpenCode's format, as one that costs nothing beyond an account or a plan. Its variants are the levels of
 * thinking that it really has; OpenCode makes variants of its own only for a model that has no such field.
 */
export function modelEntry(facts: ModelFacts): ModelEntry {
  const { id, name, contextTokens, inputTokens, outputTokens, imageInput, pdfInput } = facts
  return {
    id,
    providerID: PROVIDER_ID,
    name,
    api: { id, url: MODEL_API_URL, npm: "@ai-sdk/openai-compatible" },
    capabilities: {
      temperature: true,
      reasoning: facts.thinking !== undefined,
      attachment: imageInput || pdfInput,
      toolcall: true,
      // OpenCode's SDK throws at a message with a video, and so at each later request of the session (observed in 2.0.87).
      // With false, OpenCode describes the video to the model instead.
      input: { text: true, audio: false, image: imageInput, video: false, pdf: pdfInput },
      output: TEXT_OUTPUT,
      interleaved: facts.replaysThinking ? { field: "reasoning_content" } : false,
    },
    cost: FREE,
    limit: {
      context: contextTokens,
      ...(inputTokens === undefined ? {} : { input: inputTokens }),
      output: outputTokens,
    },
    status: "active",
    options: {},
    headers: {},
    release_date: "",
    // The SDK sends this option as `reasoning_effort`. The fetch turns it into the model's parameters.
    variants: Object.fromEntries(thinkingLevels(facts).map((level) => [level, { reasoningEffort: level }])),
  }
}

/** Returns an alias of a model. Requests still use the model's own id. */
export function aliasEntry(id: string, model: ModelEntry, name: string): ModelEntry {
  return { ...model, id, name }
}
