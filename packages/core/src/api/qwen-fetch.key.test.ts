import * as fc from "fast-check"
import { CHAT_URL, KEY_CHAT, keyRequests, POST, readResponse } from "qwen-auth-testing/chat-requests"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { empty, json, text } from "qwen-auth-testing/replies"
import { keyCredential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { PLANS } from "../catalog/plans.ts"
import { QwenAuthError, type QwenAuthErrorCode } from "../errors.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { PreparedBodies } from "./prepared-bodies.ts"
import { OAUTH_BODY_RULES } from "./request-body.ts"

const { apiKey } = keyCredential()
const answered = json({ choices: [] })
const CACHE = { "x-dashscope-cachecontrol": "enable" }

describe("a request with an API key", () => {
  it("has the host's User-Agent and no header of the OAuth route", async () => {
    const { qwenFetch, platform } = keyRequests({ replies: [answered] })
    const headers = { "user-agent": "opencode/1.18.33", accept: "x/y", "content-type": "application/json" }
    await qwenFetch(CHAT_URL, { ...POST, headers })
    expect(Object.fromEntries(platform.requests[0]?.headers ?? [])).toEqual({
      ...headers,
      ...CACHE,
      authorization: `Bearer ${apiKey}`,
    })
    expect([platform.requests[0]?.method, platform.requests[0]?.redirect]).toEqual(["POST", "manual"])
  })

  it("gets no User-Agent when the host sends none", async () => {
    const { qwenFetch, platform } = keyRequests({ replies: [answered] })
    await qwenFetch(CHAT_URL, POST)
    expect(platform.requests[0]?.headers.has("user-agent")).toBe(false)
  })

  it("that the plan does not recognise is answered with its User-Agent", async () => {
    const refusal = apiError(403, "forbidden", "Coding Plan is currently only available for Coding Agents")
    const { qwenFetch } = keyRequests({ replies: [refusal] })
    const response = await qwenFetch(CHAT_URL, { ...POST, headers: { "user-agent": "ai/6.0.168 runtime/bun/1.3.14" } })
    expect(await response.text()).toContain('\\"ai/6.0.168\\" is not one of them')
  })

  it.each([
    ["an object", { Authorization: "Bearer other", "X-Api-Key": "sk-1" }],
    ["Headers", new Headers({ authorization: "Bearer other", "x-api-key": "sk-1" })],
  ])("drops the caller's own credentials, given as %s", async (_, headers) => {
    const { qwenFetch, platform } = keyRequests({ replies: [answered] })
    await qwenFetch(CHAT_URL, { ...POST, headers })
    expect(Object.fromEntries(platform.requests[0]?.headers ?? [])).toEqual({
      ...CACHE,
      authorization: `Bearer ${apiKey}`,
    })
  })

  it.each([
    ["a text", ' {"model": "qwen3-max",\n "messages": [], "max_tokens": 1e9, "max_tokens": 2} '],
    [
      "a text with the caller's own marks for the prompt cache",
      '{"model": "qwen3-coder-plus", "messages": [{"role": "user", "content": [{"type": "text", "text": "hi", "cache_control": {}}]}]}',
    ],
    ["a text for a model without known rules and without a prompt", '{"model": "new-model", "stream": true }'],
    ["text that is no JSON", '{"model": '],
    ["bytes", new TextEncoder().encode('{"model":"\ud83e\udd16"}')],
    ["a form", new URLSearchParams({ model: "qwen3-max" })],
    ["a file", new Blob(["\u0000"])],
  ])("has the very body that the host made if no rule applies: %s", async (_, body) => {
    const { qwenFetch, platform } = keyRequests({ replies: [answered] })
    await qwenFetch(CHAT_URL, { method: "POST", body })
    expect(platform.requests[0]?.body).toBe(body)
  })

  it("has the bytes of a streamed body", async () => {
    const { qwenFetch, platform } = keyRequests({ replies: [answered] })
    const body = '{"model": "new-model", "messages": []}'
    await qwenFetch(new Request(CHAT_URL, { ...POST, body }))
    expect(
      new TextDecoder().decode(new Uint8Array(await new Response(platform.requests[0]?.body ?? null).arrayBuffer())),
    ).toBe(body)
  })

  it("has no body when the host gives none", async () => {
    const { qwenFetch, platform } = keyRequests({ replies: [json({ data: [] })] })
    await qwenFetch("https://api.test/v1/models")
    expect([platform.requests[0]?.method, platform.requests[0]?.body]).toEqual(["GET", undefined])
  })

  it("does not contain the marker of a prepared body", async () => {
    const bodies = new PreparedBodies(fakePlatform(), OAUTH_BODY_RULES)
    const chat = { model: "qwen3-max", messages: [] }
    const { qwenFetch, platform } = keyRequests({ replies: [answered], bodies })
    await qwenFetch(CHAT_URL, { ...POST, body: JSON.stringify(bodies.prepare(chat)) })
    expect(JSON.parse(String(platform.requests[0]?.body))).toEqual(chat)
  })

  it("is answered by the network's bytes and headers, and the server's time is learned", async () => {
    const headers = { "content-type": "text/event-stream", "x-request-id": "1" }
    const { qwenFetch, heard } = keyRequests({ replies: [text("data: [DONE]\n\n", 200, headers)] })
    const response = await qwenFetch(CHAT_URL, POST)
    expect([response.status, Object.fromEntries(response.headers)]).toEqual([200, headers])
    expect(await response.text()).toBe("data: [DONE]\n\n")
    expect(heard.map((seen) => Object.fromEntries(seen))).toEqual([headers])
  })
})

describe("where a request with an API key goes", () => {
  it.each(PLANS.flatMap(({ endpoints: sites }) => sites))("to the key's endpoint: $baseUrl", async (site) => {
    const { qwenFetch, platform } = keyRequests({ held: keyCredential(site), rest: answered })
    for (const incoming of [CHAT_URL, "https://evil.test/v1/chat/completions"]) await qwenFetch(incoming, POST)
    const url = `${site.baseUrl}/chat/completions`
    expect(platform.requests.map((sent) => sent.url)).toEqual([url, url])
  })

  it("is not where the user's own address for the Qwen account is", async () => {
    const { qwenFetch, platform } = keyRequests({ apiBaseUrl: "http://127.0.0.1:4000/v1", replies: [answered] })
    await qwenFetch(CHAT_URL, POST)
    expect(platform.requests[0]?.url).toBe(KEY_CHAT)
  })

  it.each([
    "",
    "coding.dashscope.aliyuncs.com/v1",
    "http://coding.dashscope.aliyuncs.com/v1",
    "http://127.0.0.1:4000/v1",
    "https://coding.dashscope.aliyuncs.com:8443/v1",
    "https://user@coding.dashscope.aliyuncs.com/v1",
    "https://maas.qwencloudapi.com.evil.test/compatible-mode/v1",
    "https://xmaas.qwencloudapi.com/compatible-mode/v1",
    "http://maas.qwencloudapi.com/compatible-mode/v1",
    "https://maas.qianwenaiapi.com:8443/compatible-mode/v1",
    "https://user@token-plan.maas.qianwenaiapi.com/compatible-mode/v1",
    "https://coding.dashscope.aliyuncs.com@evil.test/v1",
    "https://coding.dashscope.aliyuncs.com.evil.test/v1",
    "https://bucket.oss-cn-beijing.aliyuncs.com/v1",
    "https://evil.test/coding.dashscope.aliyuncs.com/v1",
    "file:///etc/passwd",
    "javascript:alert(1)",
  ])("is nowhere when the stored address is %j", async (baseUrl) => {
    const { qwenFetch, platform } = keyRequests({ held: keyCredential({ baseUrl }) })
    const { status, body, text } = await readResponse(await qwenFetch(CHAT_URL, POST))
    expect(platform.requests).toEqual([])
    expect([status, body]).toMatchObject([403, { error: { code: "invalid_endpoint" } }])
    expect(text).toContain("Sign in again.")
    expect(text + JSON.stringify(platform.logged)).not.toContain(apiKey)
    if (baseUrl !== "") expect(text).not.toContain(baseUrl)
  })

  it("is a host of Qwen's or nowhere, whatever is stored and asked", async () => {
    const piece = fc.constantFrom(
      ..."/\\@:.-?# \t\n",
      ...[
        "//",
        "https:",
        "http:",
        "coding.dashscope.aliyuncs.com",
        "ws.maas.aliyuncs.com",
        "evil.test",
        "v1",
        "%2f",
        "..",
      ],
    )
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""))
    const stored = fc.oneof(
      text,
      text.map((rest) => `https://coding.dashscope.aliyuncs.com${rest}`),
    )
    await fc.assert(
      fc.asyncProperty(stored, text, async (baseUrl, rest) => {
        const incoming = `https://evil.test/${rest}`
        if (!URL.canParse(incoming)) return
        const { qwenFetch, platform } = keyRequests({ held: keyCredential({ baseUrl }), rest: answered })
        const { status } = await qwenFetch(incoming, POST)
        expect(status).toBe(platform.requests.length === 0 ? 403 : 200)
        // What is no URL, fetch sends nowhere.
        for (const { url } of platform.requests) expect(!URL.canParse(url) || isAllowedApiUrl(new URL(url))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe("a key that the API rejects", () => {
  it("is neither refreshed nor sent again", async () => {
    const { qwenFetch, platform, renewals } = keyRequests({ replies: [rejected] })
    const { status, body, text } = await readResponse(await qwenFetch(CHAT_URL, POST))
    expect([status, body]).toMatchObject([401, { error: { code: "api_key_rejected", type: "qwen_auth_error" } }])
    expect(text).toContain("Coding Plan (international)")
    expect([platform.requests.length, renewals.length]).toEqual([1, 0])
  })

  it("gets its own message when it is a plan's key at a pay-as-you-go endpoint", async () => {
    const held = keyCredential({ plan: "pay-as-you-go", region: "us" })
    const { text } = await readResponse(await keyRequests({ held, replies: [empty(401)] }).qwenFetch(CHAT_URL, POST))
    expect(text).toContain("This is a plan's key (sk-sp-…), which pay as you go (US) does not accept.")
  })
})

describe("a key that is not available", () => {
  it.each([
    ["api_key_malformed", 401],
    ["api_key_rejected", 401],
    ["authentication_required", 401],
    ["sign_in_changed", 403],
    ["api_key_wrong_plan", 403],
    ["service_unreachable", 503],
  ] satisfies [QwenAuthErrorCode, number][])("(%s) is a %i in words, and nothing is sent", async (code, status) => {
    const current = () => Promise.reject(new QwenAuthError(code, "Why.", { remedy: "What to do." }))
    const { qwenFetch, platform } = keyRequests({ credentials: { getCredential: current } })
    expect(await readResponse(await qwenFetch(CHAT_URL, POST))).toMatchObject({
      status,
      body: { error: { code, message: "Why. What to do." } },
    })
    expect(platform.requests).toEqual([])
  })
})

describe("a key from a record that someone changed", () => {
  it.each(["sk-sp-12\n345678", "sk-sp-кириллица", "sk-sp-1234 5678"])(
    "cannot go into a header: %j",
    async (changed) => {
      const { qwenFetch, platform } = keyRequests({ held: { ...keyCredential(), apiKey: changed } })
      const response = await qwenFetch(CHAT_URL, POST)
      const { text, body } = await readResponse(response)
      expect(body).toMatchObject({ error: { code: "api_key_malformed" } })
      expect(text).not.toContain(changed)
      expect(platform.requests).toEqual([])
    },
  )

  it("goes to the address that was checked, whatever surrounds it", async () => {
    const { baseUrl } = keyCredential()
    const { qwenFetch, platform } = keyRequests({
      replies: [answered],
      held: { ...keyCredential(), baseUrl: `${baseUrl}// ` },
    })
    await qwenFetch(CHAT_URL, POST)
    expect(platform.requests[0]?.url).toBe(`${baseUrl}/chat/completions`)
  })
})
