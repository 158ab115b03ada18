import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { jsonSchema, stepCountIs, streamText, tool } from "ai"
import OpenAI from "openai"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { type SignedInLibrary, signedInLibrary } from "../harness/shared/signed-in-library.ts"

let library: SignedInLibrary
beforeAll(async () => {
  library = await signedInLibrary()
})
beforeEach(() => library.simulator.control("scenario", { freeTier: "on", chat: { reasoning: false } }))
afterAll(() => library.close())

/** A host no token may go to: our fetch must not care. */
const ELSEWHERE = "https://api.example.com/v1"

const parameters = {
  type: "object" as const,
  properties: { filePath: { type: "string" as const }, content: { type: "string" as const } },
  required: ["filePath", "content"],
}
const system = "You are helpful.\nWorking directory: /home/person/project"
const written = { filePath: "/home/person/project/hello.txt", content: "Hello, world!\n" }

describe("openai through our fetch", () => {
  const client = () => new OpenAI({ baseURL: ELSEWHERE, apiKey: "none", fetch: library.qwen.fetch })

  it("streams text from a plain request: the route's body rules are applied on the way", async () => {
    const stream = client().chat.completions.stream({
      model: "qwen3-max",
      messages: [{ role: "user", content: "What is 6 * 7?" }],
    })

    expect(await stream.finalContent()).toBe("6 * 7 = 42")
    expect((await stream.totalUsage()).total_tokens).toBeGreaterThan(0)
  })

  it("streams a tool call and takes its result", async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: "developer", content: system },
      { role: "user", content: "create a hello world file" },
    ]
    const tools = [{ type: "function" as const, function: { name: "write", parameters } }]
    const model = "coder-model"
    const first = await client().chat.completions.stream({ model, messages, tools }).finalMessage()
    const call = first.tool_calls?.[0]
    expect(call?.type === "function" && JSON.parse(call.function.arguments)).toEqual(written)

    messages.push(first, { role: "tool", tool_call_id: call?.id ?? "", content: "Wrote file successfully." })
    const second = client().chat.completions.stream({ model, messages, tools })
    expect(await second.finalContent()).toBe("Done: I wrote /home/person/project/hello.txt.")
  })

  it("lists the models", async () => {
    const models = await client().models.list()

    expect(models.data.map(({ id }) => id)).toContain("coder-model")
  })

  it("survives a rejected token without the client noticing", async () => {
    await library.simulator.control("expire-tokens")
    const answer = await client().chat.completions.create({
      model: "coder-model",
      messages: [{ role: "user", content: "What is 6 * 7?" }],
    })

    expect(answer.choices[0]?.message.content).toBe("6 * 7 = 42")
  })

  it("hands the client a refusal in words, once", async () => {
    await library.simulator.control("scenario", { freeTier: "ended-429" })
    const before = (await library.simulator.log()).length
    const refused = client().chat.completions.create({ model: "coder-model", messages: [] })

    await expect(refused).rejects.toThrow(/Alibaba ended the free Qwen OAuth tier on 2026-04-15/)
    await expect(refused).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError)
    expect((await library.simulator.log()).length - before).toBe(1)
  })
})

describe("the AI SDK through our fetch", () => {
  const qwen = () =>
    createOpenAICompatible({ name: "qwen", baseURL: ELSEWHERE, fetch: library.qwen.fetch, includeUsage: true })

  it("streams thoughts, text and usage", async () => {
    await library.simulator.control("scenario", { chat: { reasoning: true } })
    const result = streamText({ model: qwen()("coder-model"), prompt: "What is 6 * 7?", maxRetries: 0 })

    expect(await result.text).toBe("6 * 7 = 42")
    expect(await result.reasoningText).toContain("What is 6 * 7?")
    expect((await result.usage).inputTokens).toBeGreaterThan(0)
  })

  it("runs a tool and is told what was done", async () => {
    const files: unknown[] = []
    const write = tool({
      inputSchema: jsonSchema<typeof written>(parameters),
      execute: async (file) => {
        files.push(file)
        return "Wrote file successfully."
      },
    })
    const result = streamText({
      model: qwen()("qwen3-coder-plus"),
      system,
      prompt: "create a hello world file",
      tools: { write },
      toolChoice: "required",
      stopWhen: stepCountIs(3),
      maxRetries: 0,
    })

    expect(await result.text).toBe("Done: I wrote /home/person/project/hello.txt.")
    expect(files).toEqual([written])
  })
})
