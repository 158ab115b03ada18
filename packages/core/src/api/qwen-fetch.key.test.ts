import * as fc from "fast-check"
import { CHAT_URL, KEY_CHAT, keyRequests, POST, readError } from "qwen-auth-testing/chat-requests"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { empty, json, text } from "qwen-auth-testing/replies"
import { keyCredential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { PLANS } from "../catalog/plans.ts"
import { QwenAuthError, type QwenAuthErrorCode } from "../errors.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { OAUTH_BODY_RULES } from "./oauth-request-body.ts"
import { PreparedBodies } from "./prepared-bodies.ts"

const { apiKey } = keyCredential()
const success = json({ choices: [] })
const CACHE = { "x-dashscope-cachecontrol": "enable" }

describe("a request with an API key", () => {
  it("has the host's User-Agent and no headers of the OAuth route", async () => {
    const { chat, platform } = keyRequests({ replies: [success] })
    const headers = { "user-agent": "opencode/1.18.33", accept: "x/y", "content-type": "application/json" }
    await chat({ ...POST, headers })
    expect(Object.fromEntries(platform.requests[0]?.headers ?? [])).toEqual({
      ...headers,
      ...CACHE,
      authorization: `Bearer ${apiKey}`,
    })
    expect([platform.requests[0]?.method, platform.requests[0]?.redirect]).toEqual(["POST", "manual"])
  })

  it("has no User-Agent if the host sends none", async () => {
    const { chat, platform } = keyRequests({ replies: [success] })
    await chat()
    expect(platform.requests[0]?.headers.has("user-agent")).toBe(false)
  })

  it("whose User-Agent the plan does not recognise gets an error that names it", async () => {
    const refusal = apiError(403, "forbidden", "Coding Plan is currently only available for Coding Agents")
    const { chat } = keyRequests({ replies: [refusal] })
    const response = await chat({ ...POST, headers: { "user-agent": "ai/6.0.168 runtime/bun/1.3.14" } })
    expect(await response.text()).toContain('\\"ai/6.0.168\\" is not one of them')
  })

  it.each([
    ["an object", { Authorization: "Bearer other", "X-Api-Key": "sk-1" }],
    ["Headers", new Headers({ authorization: "Bearer other", "x-api-key": "sk-1" })],
  ])("drops the caller's own credentials, given as %s", async (_, headers) => {
    const { chat, platform } = keyRequests({ replies: [success] })
    await chat({ ...POST, headers })
    expect(Object.fromEntries(platform.requests[0]?.headers ?? [])).toEqual({
      ...CACHE,
      authorization: `Bearer ${apiKey}`,
    })
  })

  it.each([
    ["a string", ' {"model": "qwen3-max",\n "messages": [], "max_tokens": 1e9, "max_tokens": 2} '],
    [
      "a string with the caller's own cache marks",
      '{"model": "qwen3-coder-plus", "messages": [{"role": "user", "content": [{"type": "text", "text": "hi", "cache_control": {}}]}]}',
    ],
    ["a string for an unknown model, without a prompt", '{"model": "new-model", "stream": true }'],
    ["a string that is not JSON", '{"model": '],
    ["bytes", new TextEncoder().encode('{"model":"\ud83e\udd16"}')],
    ["a form", new URLSearchParams({ model: "qwen3-max" })],
    ["a file", new Blob(["\u0000"])],
  ])("has the unchanged body of the host if no rule applies: %s", async (_, body) => {
    const { chat, platform } = keyRequests({ replies: [success] })
    await chat({ method: "POST", body })
    expect(platform.requests[0]?.body).toBe(body)
  })

  it("has the bytes of a streamed body", async () => {
    const { qwenFetch, platform } = keyRequests({ replies: [success] })
    const body = '{"model": "new-model", "messages": []}'
    await qwenFetch(new Request(CHAT_URL, { ...POST, body }))
    expect(
      new TextDecoder().decode(new Uint8Array(await new Response(platform.requests[0]?.body ?? null).arrayBuffer())),
    ).toBe(body)
  })

  it("has no body if the host sends none", async () => {
    const { qwenFetch, platform } = keyRequests({ replies: [json({ data: [] })] })
    await qwenFetch("https://api.test/v1/models")
    expect([platform.requests[0]?.method, platform.requests[0]?.body]).toEqual(["GET", undefined])
  })

  it("is not marked for the prompt cache at the endpoint of a workspace", async () => {
    const baseUrl = "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"
    const key = keyCredential({ plan: "pay-as-you-go", baseUrl })
    const { chat, platform } = keyRequests({ key, replies: [success] })
    await chat()
    expect(platform.requests[0]?.headers.has("x-dashscope-cachecontrol")).toBe(false)
    expect(platform.requests[0]?.body).toBe(POST.body)
  })

  it("does not contain the marker of a prepared body", async () => {
    const bodies = new PreparedBodies(fakePlatform(), OAUTH_BODY_RULES)
    const body = { model: "qwen3-max", messages: [] }
    const { chat, platform } = keyRequests({ replies: [success], bodies })
    await chat({ ...POST, body: JSON.stringify(bodies.prepare(body)) })
    expect(JSON.parse(String(platform.requests[0]?.body))).toEqual(body)
  })

  it("gets the bytes and headers of the network, and updates the clock", async () => {
    const headers = { "content-type": "text/event-stream", "x-request-id": "1" }
    const { chat, clockHeaders } = keyRequests({ replies: [text("data: [DONE]\n\n", 200, headers)] })
    const response = await chat()
    expect([response.status, Object.fromEntries(response.headers)]).toEqual([200, headers])
    expect(await response.text()).toBe("data: [DONE]\n\n")
    expect(clockHeaders.map((observed) => Object.fromEntries(observed))).toEqual([headers])
  })
})

describe("the URL of a request with an API key", () => {
  it.each(PLANS.flatMap(({ endpoints }) => endpoints))("is below the key's endpoint: $baseUrl", async (endpoint) => {
    const { qwenFetch, platform } = keyRequests({ key: keyCredential(endpoint), rest: success })
    for (const incoming of [CHAT_URL, "https://evil.test/v1/chat/completions"]) await qwenFetch(incoming, POST)
    const url = `${endpoint.baseUrl}/chat/completions`
    expect(platform.requests.map((sent) => sent.url)).toEqual([url, url])
  })

  it("ignores the configured base URL of the Qwen account", async () => {
    const { chat, platform } = keyRequests({ apiBaseUrl: "http://127.0.0.1:4000/v1", replies: [success] })
    await chat()
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
  ])("does not exist if the stored base URL is %j, and nothing is sent", async (baseUrl) => {
    const { chat, platform } = keyRequests({ key: keyCredential({ baseUrl }) })
    const error = await readError(await chat())
    expect(platform.requests).toEqual([])
    expect(error).toMatchObject({ status: 403, code: "invalid_endpoint" })
    expect(error.message).toContain("Sign in again.")
    expect(error.text + JSON.stringify(platform.logged)).not.toContain(apiKey)
    if (baseUrl !== "") expect(error.text).not.toContain(baseUrl)
  })

  it("is on an allowed host or does not exist, for any stored and requested URL", async () => {
    const part = fc.constantFrom(
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
    const text = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(""))
    const stored = fc.oneof(
      text,
      text.map((rest) => `https://coding.dashscope.aliyuncs.com${rest}`),
    )
    await fc.assert(
      fc.asyncProperty(stored, text, async (baseUrl, rest) => {
        const incoming = `https://evil.test/${rest}`
        if (!URL.canParse(incoming)) return
        const { qwenFetch, platform } = keyRequests({ key: keyCredential({ baseUrl }), rest: success })
        const { status } = await qwenFetch(incoming, POST)
        expect(status).toBe(platform.requests.length === 0 ? 403 : 200)
        // A fetch to an invalid URL sends nothing.
        for (const { url } of platform.requests) expect(!URL.canParse(url) || isAllowedApiUrl(new URL(url))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe("a key that the API rejects", () => {
  it("is neither refreshed nor sent again", async () => {
    const { chat, platform, refreshes } = keyRequests({ replies: [rejected] })
    const error = await readError(await chat())
    expect(error).toMatchObject({ status: 401, code: "api_key_rejected", type: "qwen_auth_error" })
    expect(error.message).toContain("Coding Plan (international)")
    expect([platform.requests.length, refreshes.length]).toEqual([1, 0])
  })

  it("gets a special message if it is a plan's key at a pay-as-you-go endpoint", async () => {
    const key = keyCredential({ plan: "pay-as-you-go", region: "us" })
    const { message } = await readError(await keyRequests({ key, replies: [empty(401)] }).chat())
    expect(message).toContain("This is a plan's key (sk-sp-…), which pay as you go (US) does not accept.")
  })
})

describe("an error of the credentials", () => {
  it.each([
    ["api_key_malformed", 401],
    ["api_key_rejected", 401],
    ["authentication_required", 401],
    ["sign_in_changed", 403],
    ["api_key_wrong_plan", 403],
    ["service_unreachable", 503],
  ] satisfies [QwenAuthErrorCode, number][])(
    "(%s) is reported as a %i with its message, and nothing is sent",
    async (code, status) => {
      const getCredential = () => Promise.reject(new QwenAuthError(code, "Why.", { remedy: "What to do." }))
      const { chat, platform } = keyRequests({ credentials: { getCredential } })
      expect(await readError(await chat())).toMatchObject({ status, code, message: "Why. What to do." })
      expect(platform.requests).toEqual([])
    },
  )
})

describe("a stored key that was changed", () => {
  it.each(["sk-sp-12\n345678", "sk-sp-кириллица", "sk-sp-1234 5678"])(
    "is not sent if it is malformed: %j",
    async (changed) => {
      const { chat, platform } = keyRequests({ key: { ...keyCredential(), apiKey: changed } })
      const response = await chat()
      const error = await readError(response)
      expect(error.code).toBe("api_key_malformed")
      expect(error.text).not.toContain(changed)
      expect(platform.requests).toEqual([])
    },
  )

  it("is sent to the checked base URL, without its trailing slashes and spaces", async () => {
    const { baseUrl } = keyCredential()
    const { chat, platform } = keyRequests({
      replies: [success],
      key: { ...keyCredential(), baseUrl: `${baseUrl}// ` },
    })
    await chat()
    expect(platform.requests[0]?.url).toBe(`${baseUrl}/chat/completions`)
  })
})
