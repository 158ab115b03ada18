import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { generateText, streamText } from "ai"
import type { AlmaHost } from "../../../packages/alma/test-host/load-plugin.ts"

/** What a question may have beside its text. */
type Options = Omit<Parameters<typeof generateText>[0], "model" | "prompt" | "messages">

/** The real AI SDK, set up as Alma does it. @param id as the provider lists it */
export async function almaModel(alma: AlmaHost, id = "qwen3-coder-plus") {
  const { apiKey, baseURL, fetch } = await alma.provider().getSDKConfig()
  return createOpenAICompatible({ name: "qwen", apiKey, baseURL, fetch })(alma.modelId(id))
}

/** Asks as this Alma does: with or without a stream. Returns the text of the answer. */
export async function ask(alma: AlmaHost, prompt: string, id?: string, options: Options = {}): Promise<string> {
  const request = { model: await almaModel(alma, id), prompt, maxRetries: 0, ...options }
  if (alma.behavior.calls === "not streamed") return (await generateText(request)).text
  let failure: unknown
  const { text } = streamText({
    ...request,
    onError({ error }) {
      failure = error
    },
  })
  try {
    return await text
  } catch (error) {
    throw failure ?? error
  }
}
