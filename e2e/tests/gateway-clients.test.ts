import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import Anthropic from "@anthropic-ai/sdk"
import { generateText, streamText } from "ai"
import OpenAI from "openai"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { Gateway } from "../../packages/cli/src/gateway/start-gateway.ts"
import { gatewayToSimulator, LOCAL_KEY } from "../harness/gateway/gateway-to-simulator.ts"
import {
  FILE_ANSWER,
  FILE_ARGUMENTS,
  FILE_PARAMETERS,
  FILE_PROMPT,
  FILE_RESULT,
  FILE_SYSTEM,
  writeFileWithAiSdk,
  writeFileWithOpenAI,
} from "../harness/shared/file-tool.ts"
import { PNG_1_BY_1 } from "../harness/shared/pictures.ts"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"

let simulator: SimulatorProcess
let gateway: Gateway
let coding: Gateway
beforeAll(async () => {
  simulator = await startSimulator()
  gateway = await gatewayToSimulator(simulator, "token")
  coding = await gatewayToSimulator(simulator, "coding")
})
beforeEach(() => simulator.control("scenario", { chat: { reasoning: false } }))
afterAll(async () => {
  await Promise.all([gateway?.close(0), coding?.close(0)])
  simulator?.stop()
})

const MODEL = "qwen3.7-plus"
const QUESTION = "What is 6 * 7?"

describe("openai through the gateway", () => {
  const client = (to = gateway) => new OpenAI({ baseURL: `${to.origin}/v1`, apiKey: LOCAL_KEY, maxRetries: 0 })

  it("streams text and usage", async () => {
    const stream = client().chat.completions.stream({
      model: MODEL,
      messages: [{ role: "user", content: QUESTION }],
      stream_options: { include_usage: true },
    })
    expect(await stream.finalContent()).toBe("6 * 7 = 42")
    expect((await stream.totalUsage()).total_tokens).toBeGreaterThan(0)
  })

  it("gets a whole answer", async () => {
    const answer = await client().chat.completions.create({
      model: MODEL,
      messages: [{ role: "user", content: QUESTION }],
    })
    expect(answer.choices[0]?.message.content).toBe("6 * 7 = 42")
  })

  it("streams a tool call and takes its result", () => writeFileWithOpenAI(client(), MODEL, "system"))

  it("shows an image", async () => {
    const answer = await client().chat.completions.create({
      model: MODEL,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is in this image?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${PNG_1_BY_1}` } },
          ],
        },
      ],
    })
    expect(answer.choices[0]?.message.content).toMatch(/png/i)
  })

  it("lists the models with their limits", async () => {
    const { data } = await client().models.list()
    expect(data.find(({ id }) => id === MODEL)).toMatchObject({ context_length: 1_000_000, max_output_tokens: 65_536 })
  })

  it("streams a Response from a plan with that API", async () => {
    const stream = await client().responses.create({ model: MODEL, input: QUESTION, stream: true })
    let text = ""
    for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta
    expect(text).toBe("6 * 7 = 42")
  })

  it("gets one error that says that the Coding Plan has no Responses", async () => {
    const refused = client(coding).responses.create({ model: MODEL, input: QUESTION })
    await expect(refused).rejects.toThrow(/The Coding Plan .* does not have OpenAI's Responses API/)
    await expect(refused).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })

  it("gets a sentence when the Coding Plan does not know the program", async () => {
    const refused = client(coding).chat.completions.create({
      model: MODEL,
      messages: [{ role: "user", content: "Hi" }],
    })
    await expect(refused).rejects.toThrow(/accepts only coding agents that it knows/)
    const agent = new OpenAI({
      baseURL: `${coding.origin}/v1`,
      apiKey: LOCAL_KEY,
      defaultHeaders: { "user-agent": "opencode/1.18.33" },
    })
    const answer = await agent.chat.completions.create({
      model: MODEL,
      messages: [{ role: "user", content: QUESTION }],
    })
    expect(answer.choices[0]?.message.content).toBe("6 * 7 = 42")
  })

  it("is refused with another key, and nothing reaches the service", async () => {
    const before = (await simulator.log()).length
    const other = new OpenAI({ baseURL: `${gateway.origin}/v1`, apiKey: "sk-other", maxRetries: 0 })
    await expect(other.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
    expect((await simulator.log()).length).toBe(before)
  })

  it("can abort a stream and go on", async () => {
    await simulator.control("scenario", { chat: { chunkDelayMs: 200 } })
    const stream = await client().chat.completions.create({
      model: MODEL,
      stream: true,
      messages: [{ role: "user", content: "Reply with exactly: one two three four five six seven eight" }],
    })
    for await (const _ of stream) break
    stream.controller.abort()
    await simulator.control("scenario", { chat: { chunkDelayMs: 0 } })
    const next = client().chat.completions.create({ model: MODEL, messages: [{ role: "user", content: QUESTION }] })
    expect((await next).choices[0]?.message.content).toBe("6 * 7 = 42")
  })
})

describe("the AI SDK through the gateway", () => {
  const qwen = () =>
    createOpenAICompatible({
      name: "qwen",
      baseURL: `${gateway.origin}/v1`,
      apiKey: LOCAL_KEY,
      includeUsage: true,
    })

  it("streams thoughts, text and usage", async () => {
    await simulator.control("scenario", { chat: { reasoning: true } })
    const result = streamText({ model: qwen()(MODEL), prompt: QUESTION, maxRetries: 0 })
    expect(await result.text).toBe("6 * 7 = 42")
    expect(await result.reasoningText).toContain(QUESTION)
    expect((await result.usage).inputTokens).toBeGreaterThan(0)
  })

  it("shows an image", async () => {
    const { text } = await generateText({
      model: qwen()(MODEL),
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is in this image?" },
            { type: "image", image: PNG_1_BY_1, mediaType: "image/png" },
          ],
        },
      ],
      maxRetries: 0,
    })
    expect(text).toMatch(/png/i)
  })

  it("gets an error with its status and a sentence", async () => {
    const answer = generateText({ model: qwen()("no-such-model"), prompt: QUESTION, maxRetries: 0 })
    await expect(answer).rejects.toMatchObject({
      statusCode: 404,
      message: expect.stringContaining("is not available"),
    })
  })

  it("can abort a stream and go on", async () => {
    await simulator.control("scenario", { chat: { chunkDelayMs: 200 } })
    const stop = new AbortController()
    const { textStream } = streamText({
      model: qwen()(MODEL),
      prompt: "Reply with exactly: one two three four five six seven eight",
      abortSignal: stop.signal,
      maxRetries: 0,
    })
    let pieces = 0
    for await (const _ of textStream) {
      pieces += 1
      stop.abort()
    }
    expect(pieces).toBeLessThan(4)
    await simulator.control("scenario", { chat: { chunkDelayMs: 0 } })
    expect((await generateText({ model: qwen()(MODEL), prompt: QUESTION, maxRetries: 0 })).text).toBe("6 * 7 = 42")
  })

  it("runs a tool and gets an answer about its result", () => writeFileWithAiSdk(qwen()(MODEL)))
})

describe("@anthropic-ai/sdk through the gateway", () => {
  const client = (to = gateway) =>
    new Anthropic({
      baseURL: to.origin,
      authToken: LOCAL_KEY,
      apiKey: null,
      maxRetries: 0,
      defaultHeaders: { "user-agent": "claude-cli/2.1.332 (external, sdk-cli)" },
    })
  const asking = (content: Anthropic.MessageParam["content"]) => ({
    model: "claude-opus-4-6",
    max_tokens: 8_000,
    // The model thinks by default.
    thinking: { type: "disabled" as const },
    messages: [{ role: "user" as const, content }],
  })
  const tools = [{ name: "write", description: "Writes a file", input_schema: FILE_PARAMETERS }]

  it.each([
    ["the Token Plan", () => gateway],
    ["the Coding Plan", () => coding],
  ])("gets a whole message from %s", async (_, to) => {
    const { content, model, usage } = await client(to()).messages.create(asking(QUESTION))
    expect({ content, model }).toMatchObject({ content: [{ type: "text", text: "6 * 7 = 42" }], model: MODEL })
    expect(usage.input_tokens).toBeGreaterThan(0)
  })

  it("streams thoughts, text and usage", async () => {
    const stream = client().messages.stream({
      ...asking(QUESTION),
      thinking: { type: "enabled", budget_tokens: 2_000 },
    })
    const pieces: string[] = []
    stream.on("text", (piece) => pieces.push(piece))
    const { content, usage } = await stream.finalMessage()
    expect(content.map(({ type }) => type)).toEqual(["thinking", "text"])
    expect(pieces.join("")).toBe("6 * 7 = 42")
    expect(pieces.length).toBeGreaterThan(1)
    expect(usage.output_tokens).toBeGreaterThan(0)
  })

  it("streams a tool call and sends its result", async () => {
    const request = { ...asking(FILE_PROMPT), system: FILE_SYSTEM, tools }
    const first = await client().messages.stream(request).finalMessage()
    const call = first.content.find((block) => block.type === "tool_use")
    expect([first.stop_reason, call?.input]).toEqual(["tool_use", FILE_ARGUMENTS])
    const result = { type: "tool_result" as const, tool_use_id: call?.id ?? "", content: FILE_RESULT }
    const second = await client().messages.create({
      ...request,
      messages: [
        ...request.messages,
        { role: "assistant", content: first.content },
        { role: "user", content: [result] },
      ],
    })
    expect(second.content).toMatchObject([{ text: FILE_ANSWER }])
  })

  it("shows an image", async () => {
    const image = {
      type: "image" as const,
      source: { type: "base64" as const, media_type: "image/png" as const, data: PNG_1_BY_1 },
    }
    const { content } = await client().messages.create(asking([{ type: "text", text: "What is it?" }, image]))
    expect(JSON.stringify(content)).toMatch(/png/i)
  })

  it("may send a system message inside the conversation, although the service refuses it", async () => {
    const { content } = await client().messages.create({
      ...asking(QUESTION),
      messages: [
        { role: "user", content: QUESTION },
        { role: "system", content: "Be short." },
      ],
    })
    expect(content).toMatchObject([{ text: "6 * 7 = 42" }])
  })

  it("gets errors of its own classes with a sentence", async () => {
    const unknown = client().messages.create({ ...asking("Hi"), model: "no-such-model" })
    await expect(unknown).rejects.toBeInstanceOf(Anthropic.NotFoundError)
    await expect(unknown).rejects.toThrow(/is not available/)
    await simulator.control("scenario", {
      answers: { planMessages: { queue: [{ named: "token-month-used-up-native" }] } },
    })
    const usedUp = client().messages.create(asking("Hi"))
    await expect(usedUp).rejects.toBeInstanceOf(Anthropic.PermissionDeniedError)
    await expect(usedUp).rejects.toThrow(/Token Plan/)
  })

  it("can abort a stream and go on", async () => {
    await simulator.control("scenario", { chat: { chunkDelayMs: 200 } })
    const stream = client().messages.stream(asking("Reply with exactly: one two three four five six seven eight"))
    stream.on("text", () => stream.abort())
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError)
    await simulator.control("scenario", { chat: { chunkDelayMs: 0 } })
    expect((await client().messages.create(asking(QUESTION))).content).toMatchObject([{ text: "6 * 7 = 42" }])
  })

  it("counts tokens and lists models", async () => {
    const { model, messages } = asking(QUESTION)
    expect((await client().messages.countTokens({ model, messages, tools })).input_tokens).toBeGreaterThan(20)
    expect((await client().models.list()).data.map(({ id }) => id)).toContain(MODEL)
  })
})

describe("curl through the gateway", () => {
  const curl = async (path: string, body: object, ...args: string[]) => {
    const { stdout } = await promisify(execFile)("curl", [
      ...["-sS", "-N", `${gateway.origin}${path}`, "-H", `Authorization: Bearer ${LOCAL_KEY}`],
      ...["-d", JSON.stringify({ model: MODEL, messages: [{ role: "user", content: QUESTION }], ...body }), ...args],
    ])
    return stdout
  }

  it("streams from each endpoint", async () => {
    const chat = await curl("/v1/chat/completions", { stream: true })
    expect(chat).toMatch(/^data: \{[\s\S]*data: \[DONE\]\n\n$/)
    expect(await curl("/v1/messages", { stream: true, max_tokens: 100 })).toMatch(/event: message_stop\n/)
    expect(await curl("/v1/responses", { stream: true, input: QUESTION })).toMatch(/event: response.completed\n/)
  })

  it("gets a status and a sentence for an error", async () => {
    const answer = await curl("/v1/chat/completions", { model: "no-such-model" }, "-w", "\n%{http_code}")
    expect(answer).toMatch(/is not available[\s\S]*\n404$/)
  })

  it("cancels its request when it is stopped", async () => {
    await simulator.control("scenario", { answers: { planChat: { queue: [{ pass: true, delayMs: 600_000 }] } } })
    const before = (await simulator.log()).length
    await expect(curl("/v1/chat/completions", {}, "--max-time", "0.5")).rejects.toThrow(/timed out/)
    await expect.poll(async () => (await simulator.log()).slice(before).map(({ left }) => left)).toEqual([true])
  })
})

describe("requests of Anthropic's API through the gateway", () => {
  const ask = (change: object, to = gateway) =>
    fetch(`${to.origin}/v1/messages?beta=true`, {
      method: "POST",
      headers: { "x-api-key": LOCAL_KEY, "anthropic-version": "2023-06-01", "user-agent": "claude-cli/2.0" },
      body: JSON.stringify({
        model: "claude-sonnet-4-5",
        max_tokens: 8_000,
        messages: [{ role: "user", content: QUESTION }],
        ...change,
      }),
    })

  it.each([
    ["the Token Plan", () => gateway],
    ["the Coding Plan", () => coding],
  ])("gets a message from %s for a Claude model", async (_, to) => {
    const answer = await ask({}, to())
    expect(await answer.json()).toMatchObject({
      type: "message",
      model: MODEL,
      // The model thinks by default.
      content: [{ type: "thinking" }, { type: "text", text: "6 * 7 = 42" }],
      stop_reason: "end_turn",
    })
  })

  it("streams events and thinks when it requests adaptive thinking", async () => {
    await simulator.control("scenario", { chat: { reasoning: true }, plans: { strictModels: true } })
    const answer = await ask({ stream: true, thinking: { type: "adaptive" } })
    const types = [...(await answer.text()).matchAll(/^event: (\w+)$/gm)].map(([, type]) => type)
    expect([answer.status, types[0], types.at(-1)]).toEqual([200, "message_start", "message_stop"])
    expect(types).toContain("content_block_delta")
    await simulator.control("scenario", { plans: { strictModels: false } })
  })

  it("calls a tool", async () => {
    const tools = [{ name: "write", description: "Writes a file", input_schema: FILE_PARAMETERS }]
    const answer = await ask({ system: FILE_SYSTEM, tools, messages: [{ role: "user", content: FILE_PROMPT }] })
    expect(await answer.json()).toMatchObject({ content: [{ type: "tool_use", name: "write", input: FILE_ARGUMENTS }] })
  })

  it("reads an error in its own format", async () => {
    const answer = await ask({ model: "no-such-model" })
    expect([answer.status, await answer.json()]).toMatchObject([
      404,
      { type: "error", error: { type: "not_found_error", message: expect.stringContaining("is not available") } },
    ])
  })

  it("gets a token count close to the service's or above it", async () => {
    const body = { system: FILE_SYSTEM, messages: [{ role: "user", content: `${QUESTION} `.repeat(100) }] }
    const counted = await fetch(`${gateway.origin}/v1/messages/count_tokens`, {
      method: "POST",
      headers: { "x-api-key": LOCAL_KEY },
      body: JSON.stringify({ model: MODEL, ...body }),
    })
    const count: unknown = Reflect.get(Object(await counted.json()), "input_tokens")
    const used: unknown = Reflect.get(
      Object(Reflect.get(Object(await (await ask(body)).json()), "usage")),
      "input_tokens",
    )
    expect(Number(count)).toBeGreaterThan(Number(used) * 0.9)
  })
})

describe("two hundred streams at once", () => {
  it("are all complete and keep their own texts", async () => {
    await simulator.control("scenario", { chat: { chunkDelayMs: 20 } })
    const texts = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const client = new OpenAI({ baseURL: `${gateway.origin}/v1`, apiKey: LOCAL_KEY, maxRetries: 0 })
        const content = `Reply with exactly: stream ${index} is whole and mine`
        return client.chat.completions.stream({ model: MODEL, messages: [{ role: "user", content }] }).finalContent()
      }),
    )
    expect(texts).toEqual(Array.from({ length: 200 }, (_, index) => `stream ${index} is whole and mine`))
  })
})
