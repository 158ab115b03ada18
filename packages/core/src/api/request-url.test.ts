import { accountRequests, keyRequests, POST, readError } from "qwen-auth-testing/chat-requests"
import { json } from "qwen-auth-testing/replies"
import { keyCredential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { PLANS } from "../catalog/plans.ts"

const MESSAGES = "http://gateway.invalid/v1/messages"
const RESPONSES = "http://gateway.invalid/v1/responses"
const response = json({ id: "1" })
const ENDPOINTS = PLANS.flatMap(({ endpoints }) => endpoints)

describe("a request with an API key", () => {
  it.each(ENDPOINTS)("for the Messages API goes to its path on the host of $baseUrl", async (endpoint) => {
    const { qwenFetch, platform } = keyRequests({ key: keyCredential(endpoint), rest: response })
    await qwenFetch(`${MESSAGES}?beta=true`, {
      ...POST,
      headers: { "x-api-key": "local", "anthropic-version": "2023" },
    })
    const [sent] = platform.requests
    expect(sent?.url).toBe(`${new URL(endpoint.baseUrl).origin}/apps/anthropic/v1/messages?beta=true`)
    expect(sent?.headers.get("authorization")).toBe(`Bearer ${keyCredential().apiKey}`)
    expect([sent?.headers.get("x-api-key"), sent?.headers.get("anthropic-version")]).toEqual([null, "2023"])
  })

  it.each(ENDPOINTS.filter(({ plan }) => plan !== "coding-plan"))(
    "for the Responses API goes below $baseUrl",
    async (endpoint) => {
      const { qwenFetch, platform } = keyRequests({ key: keyCredential(endpoint), rest: response })
      await qwenFetch(RESPONSES, POST)
      expect(platform.requests.map(({ url }) => url)).toEqual([`${endpoint.baseUrl}/responses`])
    },
  )

  it("for the Responses API is not sent for the Coding Plan, and gets a 404 with a message", async () => {
    const { qwenFetch, platform } = keyRequests({})
    const error = await readError(await qwenFetch(RESPONSES, POST))
    expect(error).toMatchObject({ status: 404, code: "endpoint_not_available" })
    expect(error.message).toContain("The Coding Plan (international) does not have OpenAI's Responses API.")
    expect(platform.requests).toEqual([])
  })
})

describe("a request with a Qwen account", () => {
  it.each([
    [MESSAGES, "A Qwen account does not have Anthropic's Messages API."],
    [RESPONSES, "A Qwen account does not have OpenAI's Responses API."],
  ])("to %s is not sent, and gets a 404 with a message", async (url, message) => {
    const { qwenFetch, platform } = accountRequests({})
    const error = await readError(await qwenFetch(url, POST))
    expect(error).toMatchObject({ status: 404, code: "endpoint_not_available" })
    expect(error.message).toContain(message)
    expect(platform.requests).toEqual([])
  })

  it("for Chat Completions is sent", async () => {
    const { chat, platform } = accountRequests({ replies: [response] })
    await chat()
    expect(platform.requests).toHaveLength(1)
  })
})
