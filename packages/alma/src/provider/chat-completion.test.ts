import type { Fetch } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import { createChatCompletion } from "./chat-completion.ts"

const MESSAGES = [{ role: "user", content: "hello" }]

/** A fetch that gives one answer and keeps what it was asked. */
function answering(response: () => Response) {
  const asked: { url: string; method: string | undefined; body: unknown }[] = []
  const fetch: Fetch = async (input, init) => {
    const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : undefined
    asked.push({ url: String(input), method: init?.method, body })
    return response()
  }
  return { fetch, asked }
}

const answer = (value: unknown, status = 200) =>
  answering(() => new Response(typeof value === "string" ? value : JSON.stringify(value), { status }))
const failure = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => (error instanceof Error ? error.message : "no error"),
  )

describe("the published chat completion", () => {
  it("asks for the model, the messages and whether it streams", async () => {
    const { fetch, asked } = answer({ choices: [{ message: { content: "hi" } }] })
    const message = { role: "user", content: [{ type: "text", text: "hello" }], extra: 1 }
    expect(await createChatCompletion(fetch, { model: "m", messages: [message] })).toEqual({ content: "hi" })
    const { extra, ...rest } = message
    expect(asked).toEqual([
      {
        url: "https://portal.qwen.ai/v1/chat/completions",
        method: "POST",
        body: { model: "m", stream: false, messages: [rest] },
      },
    ])
  })

  it("gives the stream of the answer itself", async () => {
    const response = new Response("data: {}\n\ndata: [DONE]\n\n")
    const { fetch, asked } = answering(() => response)
    expect(await createChatCompletion(fetch, { model: "m", messages: MESSAGES, stream: true })).toBe(response.body)
    expect(asked[0]?.body).toMatchObject({ stream: true })
    expect(await response.text()).toBe("data: {}\n\ndata: [DONE]\n\n")
  })

  it.each([[null], [undefined]])("gives an empty text where the content is %j", async (content) => {
    const { fetch } = answer({ choices: [{ message: { role: "assistant", content, tool_calls: [] } }] })
    expect(await createChatCompletion(fetch, { model: "m", messages: MESSAGES })).toEqual({ content: "" })
  })

  it.each([true, false])("fails with the words of a refusal (streaming: %j)", async (stream) => {
    const { fetch } = answer({ error: { message: "Wait a minute.", code: "rate_limited" } }, 429)
    expect(await failure(createChatCompletion(fetch, { model: "m", messages: MESSAGES, stream }))).toBe(
      "Wait a minute.",
    )
  })

  it.each([
    ["no JSON", "<html>sk-sp-very-secret"],
    ["nothing", ""],
    ["no choice", { choices: [] }],
    ["no message", { choices: [{}] }],
    ["a list", [1]],
    ["null", "null"],
    ["a content that is no text", { choices: [{ message: { content: 5 } }] }],
  ])("fails without repeating an answer that is %s", async (_, value) => {
    expect(await failure(createChatCompletion(answer(value).fetch, { model: "m", messages: MESSAGES }))).toBe(
      "Qwen's API did not answer as expected.",
    )
  })

  it("fails as the request does", async () => {
    const fetch: Fetch = () => Promise.reject(new Error("given up"))
    expect(await failure(createChatCompletion(fetch, { model: "m", messages: MESSAGES }))).toBe("given up")
  })
})
