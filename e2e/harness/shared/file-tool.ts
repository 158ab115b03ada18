import { jsonSchema, type LanguageModel, stepCountIs, streamText, type ToolChoice, tool } from "ai"
import type OpenAI from "openai"
import { expect } from "vitest"

/** The prompt for which the simulator calls a tool that writes files. */
export const FILE_PROMPT = "create a hello world file"
export const FILE_SYSTEM = "You are helpful.\nWorking directory: /home/person/project"
/** The parameters of the tool, as a JSON schema. */
export const FILE_PARAMETERS = {
  type: "object" as const,
  properties: { filePath: { type: "string" as const }, content: { type: "string" as const } },
  required: ["filePath", "content"],
}
/** The arguments of the call. */
export const FILE_ARGUMENTS = { filePath: "/home/person/project/hello.txt", content: "Hello, world!\n" }
export const FILE_RESULT = "Wrote file successfully."
/** The answer after the result. */
export const FILE_ANSWER = "Done: I wrote /home/person/project/hello.txt."

/** Lets the model write a file through the package `openai`, in two streams. @param role the role of the system prompt */
export async function writeFileWithOpenAI(client: OpenAI, model: string, role: "system" | "developer"): Promise<void> {
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role, content: FILE_SYSTEM },
    { role: "user", content: FILE_PROMPT },
  ]
  const tools = [{ type: "function" as const, function: { name: "write", parameters: FILE_PARAMETERS } }]
  const first = await client.chat.completions.stream({ model, messages, tools }).finalMessage()
  const call = first.tool_calls?.[0]
  expect(call?.type === "function" && JSON.parse(call.function.arguments)).toEqual(FILE_ARGUMENTS)
  messages.push(first, { role: "tool", tool_call_id: call?.id ?? "", content: FILE_RESULT })
  const second = client.chat.completions.stream({ model, messages, tools })
  expect(await second.finalContent()).toBe(FILE_ANSWER)
}

/** Lets the model write a file through the AI SDK, which runs the tool. */
export async function writeFileWithAiSdk(
  model: LanguageModel,
  toolChoice: ToolChoice<{ write: unknown }> = "auto",
): Promise<void> {
  const files: unknown[] = []
  const write = tool({
    inputSchema: jsonSchema<typeof FILE_ARGUMENTS>(FILE_PARAMETERS),
    execute: async (file) => {
      files.push(file)
      return FILE_RESULT
    },
  })
  const result = streamText({
    model,
    system: FILE_SYSTEM,
    prompt: FILE_PROMPT,
    tools: { write },
    toolChoice,
    stopWhen: stepCountIs(3),
    maxRetries: 0,
  })
  expect(await result.text).toBe(FILE_ANSWER)
  expect(files).toEqual([FILE_ARGUMENTS])
}
