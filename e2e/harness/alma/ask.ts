import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { generateText, jsonSchema, streamText, tool } from "ai"
import type { AlmaHost } from "../../../packages/alma/test-host/load-plugin.ts"

/** Options of a question. */
type Options = Omit<Parameters<typeof generateText>[0], "model" | "prompt" | "messages"> & {
  /** By default, as this Alma does it. */
  readonly stream?: boolean
}

/** A model in the real AI SDK, set up as in Alma. @param id as the provider lists it */
export async function almaModel(alma: AlmaHost, id = "qwen3-coder-plus") {
  const { apiKey, baseURL, fetch } = await alma.provider().getSDKConfig()
  return createOpenAICompatible({ name: "qwen", apiKey, baseURL, fetch })(alma.modelId(id))
}

/** Asks with or without a stream. Returns the text of the answer. */
export async function ask(
  alma: AlmaHost,
  prompt: string,
  id?: string,
  { stream = alma.behaviour.calls !== "not streamed", ...options }: Options = {},
): Promise<string> {
  const request = { model: await almaModel(alma, id), prompt, maxRetries: 0, ...options }
  if (!stream) return (await generateText(request)).text
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

/** A tool that reads files, and the paths of its calls. */
export function readTool() {
  const read: string[] = []
  const inputSchema = jsonSchema<{ file_path: string }>({
    type: "object",
    properties: { file_path: { type: "string" } },
    required: ["file_path"],
  })
  const execute = async ({ file_path }: { file_path: string }) => read.push(file_path)
  return { Read: tool({ description: "Reads a file", inputSchema, execute }), read }
}
