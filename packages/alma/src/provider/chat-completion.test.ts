import type { Fetch } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import { createChatCompletion } from "./chat-completion.ts"

const MESSAGES = [{ role: "user", content: "hello" }]

/** A fetch that returns one response and records its requests. */
function answering(response: () => Response) {
  const requests: { url: string; method: string | undefined; body: unknown }[] = []
  const fetch: Fetch = async (input, init) => {
    const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : undefined
    requests.push({ url: String(input), method: init?.method, body })
    return response()
  }
  return { fetch, requests }
}

const answer = (value: unknown, status = 200) =>
  answering(() => new Response(typeof value === "string" ? value : JSON.stringify(value), { status }))
const failure = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => (error instanceof Error ? error.message : "no error"),
  )

describe("the published chat completion", () => {
  it("sends the model, the messages and `stream`", async () => {
    const { fetch, requests } = answer({ choices: [{ message: { content: "hi" } }] })
    const message = { role: "user", content: [{ type: "text", text: "hello" }], extra: 1 }
    expect(await createChatCompletion(fetch, { model: "m", messages: [message] })).toEqual({ content: "hi" })
    const { extra, ...rest } = message
    expect(requests).toEqual([
      {
        url: "https://portal.qwen.ai/v1/chat/completions",
        method: "POST",
        body: { model: "m", stream: false, messages: [rest] },
      },
    ])
  })

  it("returns the body of the response when streaming", async () => {
    const response = new Response("data: {}\n\ndata: [DONE]\n\n")
    const { fetch, requests } = answering(() => response)
    expect(await createChatCompletion(fetch, { model: "m", messages: MESSAGES, stream: true })).toBe(response.body)
    expect(requests[0]?.body).toMatchObject({ stream: true })
    expect(await response.text()).toBe("data: {}\n\ndata: [DONE]\n\n")
  })

  it.each([[null], [undefined]])("returns an empty text when the content is %j", async (content) => {
    const { fetch } = answer({ choices: [{ message: { role: "assistant", content, tool_calls: [] } }] })
    expect(await createChatCompletion(fetch, { model: "m", messages: MESSAGES })).toEqual({ content: "" })
  })

  it.each([true, false])("fails with the message of an error response (streaming: %j)", async (stream) => {
    const { fetch } = answer({ error: { message: "Wait a minute.", code: "rate_limited" } }, 429)
    expect(await failure(createChatCompletion(fetch, { model: "m", messages: MESSAGES, stream }))).toBe(
      "Wait a minute.",
    )
  })

  it.each([
    ["not JSON", "<html>sk-sp-very-secret"],
    ["empty", ""],
    ["without a choice", { choices: [] }],
    ["without a message", { choices: [{}] }],
    ["a list", [1]],
    ["null", "null"],
    ["a content that is not a string", { choices: [{ message: { content: 5 } }] }],
  ])("fails without repeating an unexpected response: %s", async (_, value) => {
    expect(await failure(createChatCompletion(answer(value).fetch, { model: "m", messages: MESSAGES }))).toBe(
      "Qwen's API sent an unexpected response.",
    )
  })

  it("fails with the request's error", async () => {
    const fetch: Fetch = () => Promise.reject(new Error("given up"))
    expect(await failure(createChatCompletion(fetch, { model: "m", messages: MESSAGES }))).toBe("given up")
  })
})
