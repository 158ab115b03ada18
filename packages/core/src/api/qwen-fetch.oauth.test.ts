import {
  ACCOUNT_CHAT,
  AGENT,
  accountRequests,
  CHAT_URL,
  KEY_CHAT,
  POST,
  readError,
} from "qwen-auth-testing/chat-requests"
import { fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { rejected } from "qwen-auth-testing/refusals"
import { empty, json, page, text } from "qwen-auth-testing/replies"
import { credential, DEAD_REFRESH_TOKEN, keyCredential, TOKENS } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { QwenAuthError } from "../errors.ts"
import { createQwenFetch } from "./qwen-fetch.ts"

const success = json({ choices: [] })

describe("a successful response to a request with a Qwen account", () => {
  it("has the bytes and headers of the network", async () => {
    const headers = { "content-type": "text/event-stream", "x-request-id": "1" }
    const { chat } = accountRequests({ replies: [text("data: [DONE]\n\n", 200, headers)] })
    const response = await chat()
    expect([response.status, Object.fromEntries(response.headers)]).toEqual([200, headers])
    expect(await response.text()).toBe("data: [DONE]\n\n")
  })
})

describe("a request with a Qwen account", () => {
  it("has the token, and a body that follows the rules of the OAuth route", async () => {
    const { chat, platform } = accountRequests({ replies: [success] })
    await chat()
    const [sent] = platform.requests
    expect(sent?.method).toBe("POST")
    expect(sent?.headers.get("authorization")).toBe("Bearer access-1")
    expect(sent?.headers.get("content-type")).toBe("application/json")
    expect(sent?.headers.get("user-agent")).toBe(AGENT)
    expect(sent?.redirect).toBe("manual")
    expect(JSON.parse(String(sent?.body))).toMatchObject({ model: "coder-model" })
  })

  it("drops the caller's own credentials", async () => {
    const { chat, platform } = accountRequests({ replies: [success] })
    await chat({ ...POST, headers: { Authorization: "Bearer other", "x-api-key": "sk-1" } })
    expect(platform.requests[0]?.headers.get("authorization")).toBe("Bearer access-1")
    expect(platform.requests[0]?.headers.has("x-api-key")).toBe(false)
  })

  it.each([
    ["a string", CHAT_URL],
    ["a URL", new URL(CHAT_URL)],
    ["a Request", new Request(CHAT_URL, POST)],
  ])("is accepted as %s", async (_, input) => {
    const { qwenFetch, platform } = accountRequests({ replies: [success] })
    await qwenFetch(input, input instanceof Request ? undefined : POST)
    expect(platform.requests[0]?.url).toBe(ACCOUNT_CHAT)
    expect(JSON.parse(String(platform.requests[0]?.body))).toMatchObject({ model: "coder-model" })
  })

  it("is sent without a body if it has none", async () => {
    const { qwenFetch, platform } = accountRequests({ replies: [json({ data: [] })] })
    await qwenFetch("https://api.test/v1/models")
    expect([platform.requests[0]?.method, platform.requests[0]?.url, platform.requests[0]?.body]).toEqual([
      "GET",
      "https://portal.qwen.ai/v1/models",
      undefined,
    ])
  })
})

describe("the URL of a request with a Qwen account", () => {
  it.each([
    ["portal.qwen.ai", ACCOUNT_CHAT],
    [
      "dashscope.aliyuncs.com/compatible-mode/v1/",
      "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
    ],
    [undefined, ACCOUNT_CHAT],
  ])("with resource_url %s is %s", async (resourceUrl, url) => {
    const { chat, platform } = accountRequests({ stored: credential({ resourceUrl }), replies: [success] })
    await chat()
    expect(platform.requests[0]?.url).toBe(url)
    expect(platform.logged.filter(({ level }) => level === "warn")).toEqual([])
  })

  it.each([
    "evil.test",
    "http://portal.qwen.ai",
    "https://portal.qwen.ai.evil.test",
    "portal.qwen.ai@evil.test",
    "https://bucket.oss-cn-beijing.aliyuncs.com/v1",
  ])("with the hostile resource_url %s is the default, and a warning is logged", async (resourceUrl) => {
    const { chat, platform } = accountRequests({ stored: credential({ resourceUrl }), replies: [success] })
    await chat()
    expect(platform.requests.map(({ url }) => url)).toEqual([ACCOUNT_CHAT])
    expect(platform.logged.map(({ level }) => level)).toContain("warn")
  })

  it("is below the configured base URL before the token's", async () => {
    const { chat, platform } = accountRequests({ apiBaseUrl: "http://127.0.0.1:4000/v1", replies: [success] })
    await chat()
    expect(platform.requests[0]?.url).toBe("http://127.0.0.1:4000/v1/chat/completions")
  })

  it("is never on the host that the caller names", async () => {
    const { qwenFetch, platform } = accountRequests({ replies: [success] })
    await qwenFetch("https://evil.test/v1/chat/completions?x=1", POST)
    expect(platform.requests.map(({ url }) => url)).toEqual([`${ACCOUNT_CHAT}?x=1`])
  })

  it("follows the resource_url of a refreshed token", async () => {
    const refreshed = json({ ...TOKENS, resource_url: "dashscope.aliyuncs.com" })
    const { chat, api } = accountRequests({ replies: [rejected, refreshed, success] })
    await chat()
    expect(api().map(({ url }) => url)).toEqual([ACCOUNT_CHAT, "https://dashscope.aliyuncs.com/v1/chat/completions"])
  })
})

describe("a token that the API rejects", () => {
  it("is refreshed, and the request is sent again with only the token changed", async () => {
    const { chat, api } = accountRequests({ replies: [rejected, json(TOKENS), success] })
    expect(await (await chat()).json()).toEqual({ choices: [] })
    const [first, second] = api()
    expect([first, second].map((sent) => sent?.headers.get("authorization"))).toEqual([
      "Bearer access-1",
      "Bearer access-2",
    ])
    expect(second?.body).toBe(first?.body)
    expect(second?.method).toBe("POST")
  })

  it("is refreshed for a request with a streamed body too", async () => {
    const request = new Request(CHAT_URL, POST)
    const { qwenFetch, api } = accountRequests({ replies: [rejected, json(TOKENS), success] })
    expect((await qwenFetch(request)).ok).toBe(true)
    expect(api()[1]?.body).toBe(api()[0]?.body)
  })

  it("is explained when the refreshed one is rejected too, without a third request", async () => {
    const { chat, api } = accountRequests({ replies: [rejected, json(TOKENS), rejected] })
    const error = await readError(await chat())
    expect(error).toMatchObject({ status: 403, code: "free_tier_ended", type: "qwen_auth_error" })
    expect(error.message).toContain("2026-04-15")
    expect(error.text).not.toContain("request_id")
    expect(api()).toHaveLength(2)
  })

  it("is explained when the refresh is permanently refused", async () => {
    const { chat, api } = accountRequests({ replies: [rejected, json(DEAD_REFRESH_TOKEN, 400)] })
    const error = await readError(await chat())
    expect(error).toMatchObject({ status: 401, code: "token_refresh_failed" })
    expect(api()).toHaveLength(1)
  })

  it("can be retried later when the refresh fails with a transient error", async () => {
    const { chat } = accountRequests({ replies: [rejected], rest: page(502) })
    expect(await readError(await chat())).toMatchObject({ status: 503, code: "token_refresh_unavailable" })
  })

  it("that was replaced by an API key makes the request follow the rules of the key's route", async () => {
    const platform = fakePlatform({ replies: [rejected, success] })
    const credentials = {
      getCredential: async () => credential(),
      refresh: async () => keyCredential(),
      syncClock: () => {},
    }
    const qwenFetch = createQwenFetch({ platform, credentials, userAgent: AGENT })
    expect((await qwenFetch(CHAT_URL, { ...POST, headers: { "user-agent": "opencode/1" } })).ok).toBe(true)
    const [first, second] = platform.requests
    expect([first?.url, second?.url]).toEqual([ACCOUNT_CHAT, KEY_CHAT])
    expect(second?.headers.get("authorization")).toBe(`Bearer ${keyCredential().apiKey}`)
    const ours = [...(second?.headers.keys() ?? [])].filter((name) => name.startsWith("x-dashscope"))
    expect(ours).toEqual(["x-dashscope-cachecontrol"])
    expect(second?.headers.get("user-agent")).toBe("opencode/1")
    const marked = { type: "text", text: "hello", cache_control: { type: "ephemeral" } }
    expect(JSON.parse(String(second?.body))).toEqual({
      ...JSON.parse(POST.body),
      messages: [{ role: "user", content: [marked] }],
    })
  })

  it("of two concurrent requests without quota is explained to both after one more request", async () => {
    const { chat, api } = accountRequests({ replies: [rejected, rejected, json(TOKENS), rejected] })
    const responses = await Promise.all((await Promise.all([chat(), chat()])).map(readError))
    expect(responses.map(({ status }) => status)).toEqual([403, 403])
    for (const { code } of responses) expect(code).toBe("free_tier_ended")
    expect(api().map(({ headers }) => headers.get("authorization"))).toEqual([
      "Bearer access-1",
      "Bearer access-1",
      "Bearer access-2",
    ])
  })

  it("of two concurrent requests is refreshed once for both", async () => {
    const { chat, api } = accountRequests({ replies: [rejected, rejected, json(TOKENS)], rest: success })
    const responses = await Promise.all([chat(), chat()])
    expect(await Promise.all(responses.map((response) => response.json()))).toEqual([{ choices: [] }, { choices: [] }])
    expect(api().filter(({ headers }) => headers.get("authorization") === "Bearer access-2")).toHaveLength(2)
  })

  it("is explained when the second rejection is longer than the limit", async () => {
    const large = text(`{"error":{"message":"${"x".repeat(300 * 1024)}"}}`, 401)
    const { chat, platform } = accountRequests({ replies: [rejected, json(TOKENS), large] })
    const error = await readError(await chat())
    expect(error).toMatchObject({ status: 403, code: "free_tier_ended" })
    expect(platform.waits).toEqual([])
  })

  it("of many concurrent requests is refreshed once", async () => {
    const { chat, platform, api } = accountRequests({
      replies: [...Array.from({ length: 8 }, () => rejected), json(TOKENS)],
      rest: success,
    })
    const responses = await Promise.all(Array.from({ length: 8 }, () => chat()))
    expect(responses.every(({ ok }) => ok)).toBe(true)
    expect([platform.requests.length - api().length, api().length]).toEqual([1, 16])
  })
})

describe("the server's clock", () => {
  it("is updated from the headers of each response, including a rejection", async () => {
    const { platform } = accountRequests({
      replies: [empty(401, { "x-answer": "1" }), json({}, 200, { "x-answer": "2" }), empty(500, { "x-answer": "3" })],
    })
    const observed: (string | null)[] = []
    const credentials = {
      getCredential: async () => credential(),
      refresh: async () => credential({ accessToken: "access-2" }),
      syncClock: (headers: Headers) => void observed.push(headers.get("x-answer")),
    }
    const qwenFetch = createQwenFetch({ platform, credentials, userAgent: AGENT })
    await qwenFetch(CHAT_URL, POST)
    await qwenFetch(CHAT_URL, POST)
    expect(observed).toEqual(["1", "2", "3"])
  })

  it("decides whether a token has expired, not the local clock", async () => {
    const tomorrow = { date: new Date(START + 24 * 3_600_000).toUTCString() }
    const { chat, api } = accountRequests({
      replies: [json({}, 200, tomorrow), json(TOKENS, 200, tomorrow)],
      rest: success,
    })
    await chat()
    await chat()
    expect(api().map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer access-1", "Bearer access-2"])
  })
})

describe("a request without a sign-in", () => {
  it("gets a 401 with a message, and nothing is sent", async () => {
    const { chat, platform } = accountRequests({ stored: null })
    expect(await readError(await chat())).toMatchObject({
      status: 401,
      code: "authentication_required",
      message: "Nobody is signed in. Sign in first.",
    })
    expect(platform.requests).toHaveLength(0)
  })

  it("gets the reason of the store", async () => {
    const { chat, store } = accountRequests({ stored: null })
    store.stored = { problem: new QwenAuthError("authentication_required", "The file is broken.") }
    expect((await readError(await chat())).message).toContain("The file is broken.")
  })
})
