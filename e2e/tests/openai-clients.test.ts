import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { streamText } from "ai"
import OpenAI from "openai"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { writeFileWithAiSdk, writeFileWithOpenAI } from "../harness/shared/file-tool.ts"
import { type SignedInLibrary, signedInLibrary } from "../harness/shared/signed-in-library.ts"

let library: SignedInLibrary
beforeAll(async () => {
  library = await signedInLibrary()
})
beforeEach(() => library.simulator.control("scenario", { freeTier: "on", chat: { reasoning: false } }))
afterAll(() => library.close())

/** A host that no token may be sent to. Our fetch uses only the path of the URL. */
const ELSEWHERE = "https://api.example.com/v1"

describe("openai through our fetch", () => {
  const client = () => new OpenAI({ baseURL: ELSEWHERE, apiKey: "none", fetch: library.qwen.fetch })

  it("streams text from a plain request, to which our fetch applies the body rules", async () => {
    const stream = client().chat.completions.stream({
      model: "qwen3-max",
      messages: [{ role: "user", content: "What is 6 * 7?" }],
    })

    expect(await stream.finalContent()).toBe("6 * 7 = 42")
    expect((await stream.totalUsage()).total_tokens).toBeGreaterThan(0)
  })

  it("streams a tool call and takes its result", () => writeFileWithOpenAI(client(), "coder-model", "developer"))

  it("lists the models", async () => {
    const models = await client().models.list()

    expect(models.data.map(({ id }) => id)).toContain("coder-model")
  })

  it("refreshes a rejected token without an error for the client", async () => {
    await library.simulator.control("expire-tokens")
    const answer = await client().chat.completions.create({
      model: "coder-model",
      messages: [{ role: "user", content: "What is 6 * 7?" }],
    })

    expect(answer.choices[0]?.message.content).toBe("6 * 7 = 42")
  })

  it("gives the client one error with a sentence for a refusal", async () => {
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

  it("runs a tool and gets an answer about its result", () =>
    writeFileWithAiSdk(qwen()("qwen3-coder-plus"), "required"))
})
