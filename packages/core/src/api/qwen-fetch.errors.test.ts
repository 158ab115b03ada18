import { accountRequests, CHAT_URL, keyRequests, POST, readResponse } from "qwen-auth-testing/chat-requests"
import { type Reply, START } from "qwen-auth-testing/fake-platform"
import { apiError } from "qwen-auth-testing/refusals"
import { empty, firewallPage, json, networkError, page, silence } from "qwen-auth-testing/replies"
import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import type { QwenFetchOptions } from "./qwen-fetch.ts"

interface Asking {
  replies?: Reply[]
  formatError?: NonNullable<QwenFetchOptions["formatError"]>
}

const routes = [
  ["a Qwen account", (options: Asking) => accountRequests(options)],
  ["an API key", (options: Asking) => keyRequests(options)],
] satisfies [string, unknown][]

describe.each(routes)("with %s: an error answer", (_, requests) => {
  it.each([
    ["12", "12", "12 seconds"],
    ["0", null, "a minute"],
    ["3600", "60", "60 minutes"],
    ["86400", "60", "24 hours"],
    [new Date(START + 30_000).toUTCString(), "30", "30 seconds"],
    ["soon", null, "a minute"],
    [undefined, null, "a minute"],
  ])("429 with Retry-After %s tells the host %s and the person %s", async (incoming, passed, words) => {
    const { qwenFetch } = requests({ replies: [empty(429, incoming === undefined ? {} : { "retry-after": incoming })] })
    const response = await qwenFetch(CHAT_URL, POST)
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, passed])
    expect((await readResponse(response)).text).toContain(`Wait ${words}, then try again`)
  })

  it("of a service that is down keeps its status and the wait, which the host needs no longer than a minute", async () => {
    const { qwenFetch } = requests({ replies: [empty(503, { "retry-after": "120" })] })
    const response = await qwenFetch(CHAT_URL, POST)
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "60"])
    expect(await readResponse(response)).toMatchObject({ body: { error: { code: "service_unreachable" } } })
  })

  it("that is hopeless has no wait", async () => {
    const { qwenFetch } = requests({ replies: [apiError(403, undefined, "Denied.")].map(withRetryAfter) })
    const response = await qwenFetch(CHAT_URL, POST)
    expect([response.status, response.headers.get("retry-after")]).toEqual([403, null])
  })

  it("has nothing of the service's own body and headers but a plain code; its words are in the debug log", async () => {
    const error = { code: "invalid_value", message: "request 5000: server busy", param: "secret-1" }
    const reply = json({ error, request_id: "500" }, 400, { "x-own": "1" })
    const { qwenFetch, platform } = requests({ replies: [reply] })
    const response = await qwenFetch(CHAT_URL, POST)
    expect([...response.headers.keys()]).toEqual(["content-type", "x-should-retry"])
    const { body, text } = await readResponse(response)
    expect(body).toEqual({
      error: {
        message: expect.stringMatching(/^Qwen's API refused the request: HTTP 400, invalid_value\. /),
        code: "request_refused",
        type: "qwen_auth_error",
      },
    })
    expect(retryWordIn(text)).toBeUndefined()
    const service = { code: "invalid_value", message: "request 5000: server busy" }
    expect(platform.logged).toContainEqual({
      level: "debug",
      message: "The API refused a request.",
      fields: { status: 400, code: "request_refused", service },
    })
  })

  it("about a conversation that is too long has the code by which hosts know to compact it", async () => {
    const full = apiError(400, "invalid_parameter_error", "Range of input length should be [1, 983616]")
    const { status, body } = await readResponse(await requests({ replies: [full] }).qwenFetch(CHAT_URL, POST))
    expect([status, body]).toMatchObject([400, { error: { code: "context_length_exceeded" } }])
  })

  it("names the model that the caller asked for", async () => {
    const { qwenFetch } = requests({ replies: [apiError(404, "model_not_found", "no")] })
    const { status, body, text } = await readResponse(await qwenFetch(CHAT_URL, POST))
    expect([status, body]).toMatchObject([404, { error: { code: "model_not_available" } }])
    expect(text).toContain("qwen3-coder-plus")
  })

  it.each([
    ["a page with status 200", page(200)],
    [
      "the web firewall's page, announced as such",
      () => new Response("<!doctypehtml>", { headers: { "content-type": "text/html" } }),
    ],
    ["the web firewall's page with 405", firewallPage(405)],
  ])("%s: is said to be none of the service's", async (_, reply) => {
    const { qwenFetch } = requests({ replies: [reply] })
    expect(await readResponse(await qwenFetch(CHAT_URL, POST))).toMatchObject({
      status: 403,
      body: { error: { code: "web_firewall" } },
    })
  })

  it("is in the host's own words where it has some", async () => {
    const { qwenFetch } = requests({ replies: [empty(429)], formatError: (error) => `host says: ${error.code}` })
    expect(await readResponse(await qwenFetch(CHAT_URL, POST))).toMatchObject({
      body: { error: { message: "host says: rate_limited" } },
    })
  })
})

function withRetryAfter(reply: Reply): Reply {
  return async (request) => {
    const answer = await reply(request)
    answer.headers.set("retry-after", "3600")
    return answer
  }
}

describe.each(routes)("with %s: a redirect", (_, requests) => {
  it.each([301, 302, 303, 307, 308])(
    "%i is refused and its host named; the credential goes nowhere else",
    async (status) => {
      const { qwenFetch, platform } = requests({
        replies: [empty(status, { location: "https://evil.test/steal?x=1" })],
      })
      const { status: told403, body, text } = await readResponse(await qwenFetch(CHAT_URL, POST))
      expect(told403).toBe(403)
      expect(body).toMatchObject({ error: { code: "redirect_refused" } })
      expect(text).toContain("evil.test")
      expect(text).not.toContain("steal")
      expect(platform.requests.map(({ redirect }) => redirect)).toEqual(["manual"])
    },
  )

  it.each(["/elsewhere", "", undefined])("with the Location %j is refused, too", async (location) => {
    const { qwenFetch } = requests({ replies: [empty(302, location === undefined ? {} : { location })] })
    expect((await readResponse(await qwenFetch(CHAT_URL, POST))).text).toContain("another address")
  })
})

describe.each(routes)("with %s: no answer", (_, requests) => {
  it.each(["read ECONNRESET", "connect ECONNREFUSED 127.0.0.1:1", "getaddrinfo ENOTFOUND portal.qwen.ai"])(
    "(%s) may be tried again: 503 in words",
    async (reason) => {
      const { qwenFetch, platform } = requests({ replies: [networkError(reason)] })
      const { status, body, text } = await readResponse(await qwenFetch(CHAT_URL, POST))
      expect([status, body]).toMatchObject([503, { error: { code: "service_unreachable", type: "qwen_auth_error" } }])
      expect(text).toContain(`${new URL(platform.requests[0]?.url ?? "").host} could not be reached (${reason}).`)
      expect(platform.requests).toHaveLength(1)
    },
  )

  it.each([
    ["self-signed certificate in certificate chain", "certificate_not_trusted", "NODE_EXTRA_CA_CERTS"],
    ["certificate has expired", "certificate_not_trusted", "Check this computer's date and time first"],
    ["CERT_NOT_YET_VALID", "certificate_not_trusted", "Check this computer's date and time first"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate_not_trusted", "for another host"],
    ["Proxy response (407) !== 200 when HTTP Tunneling", "proxy_refused", "HTTPS_PROXY"],
    ["UnsupportedProxyProtocol", "proxy_unusable", "HTTPS_PROXY"],
    ["ZlibError", "unexpected_response", "its compressed content is damaged"],
  ])("(%s) is nothing to try again: 403 in words", async (reason, code, words) => {
    const { status, body, text } = await readResponse(
      await requests({ replies: [networkError(reason)] }).qwenFetch(CHAT_URL, POST),
    )
    expect([status, body]).toMatchObject([403, { error: { code } }])
    expect(text).toContain(words)
    expect(retryWordIn(text)).toBeUndefined()
  })

  it("is the caller's abort reason", async () => {
    const controller = new AbortController()
    const { qwenFetch, platform } = requests({
      replies: [
        (request) => {
          controller.abort(new Error("the person pressed Escape"))
          return silence(request)
        },
      ],
    })
    await expect(qwenFetch(CHAT_URL, { ...POST, signal: controller.signal })).rejects.toThrow(
      "the person pressed Escape",
    )
    expect(platform.requests).toHaveLength(1)
  })

  it("is the caller's abort reason when it aborted before, and nothing is sent", async () => {
    const { qwenFetch, platform } = requests({})
    const signal = AbortSignal.abort(new Error("the person pressed Escape"))
    await expect(qwenFetch(CHAT_URL, { ...POST, signal })).rejects.toThrow("the person pressed Escape")
    expect(platform.requests).toHaveLength(0)
  })
})

it("a refresh that the caller aborts fails with the caller's abort reason", async () => {
  const controller = new AbortController()
  const { qwenFetch } = accountRequests({
    stored: credential({ expiresAt: START }),
    replies: [
      (request) => {
        controller.abort(new Error("the person pressed Escape"))
        return networkError()(request)
      },
    ],
  })
  await expect(qwenFetch(CHAT_URL, { ...POST, signal: controller.signal })).rejects.toThrow("the person pressed Escape")
})

it("the free tier's end is nothing to try again, whatever wait the service asks for", async () => {
  const quota = { error: { code: "insufficient_quota", message: "You exceeded your current quota" } }
  const { qwenFetch } = accountRequests({ replies: [json(quota, 429, { "retry-after": "3600" })] })
  const response = await qwenFetch(CHAT_URL, POST)
  expect(response.headers.get("retry-after")).toBeNull()
  expect(await readResponse(response)).toMatchObject({ status: 403, body: { error: { code: "free_tier_ended" } } })
})

describe.each(routes)("with %s: an error answer whose body", (_, requests) => {
  const broken = (status: number) => () =>
    new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError("terminated")) }), { status })

  it("is not compressed as it says is nothing to try again, whatever its status", async () => {
    const damaged = new TypeError("terminated", { cause: new Error("Decompression failed") })
    const reply = () => new Response(new ReadableStream({ start: (stream) => stream.error(damaged) }), { status: 503 })
    const { status, body, text } = await readResponse(await requests({ replies: [reply] }).qwenFetch(CHAT_URL, POST))
    expect([status, body]).toMatchObject([403, { error: { code: "unexpected_response" } }])
    expect(retryWordIn(text)).toBeUndefined()
  })

  it("breaks off is explained", async () => {
    const response = await requests({ replies: [broken(500)] }).qwenFetch(CHAT_URL, POST)
    expect([response.status, (await readResponse(response)).text]).toEqual([
      503,
      expect.stringContaining("could not be reached (the connection was closed)"),
    ])
  })

  it("never ends is waited for in vain only so long", async () => {
    const endless = () => new Response(new ReadableStream({ pull: () => new Promise<void>(() => {}) }), { status: 500 })
    const response = await requests({ replies: [endless] }).qwenFetch(CHAT_URL, POST)
    expect((await readResponse(response)).text).toContain("did not answer within 15 seconds")
  })

  it("comes with a redirect and breaks off is explained", async () => {
    const moved = broken(302)
    expect((await requests({ replies: [moved] }).qwenFetch(CHAT_URL, POST)).status).toBe(403)
  })

  it("has a status above 599 is reported with status 502", async () => {
    const odd = () => Object.defineProperty(new Response("{}"), "status", { value: 999 })
    const bad = () => Object.defineProperty(odd(), "ok", { value: false })
    expect((await requests({ replies: [bad] }).qwenFetch(CHAT_URL, POST)).status).toBe(502)
  })
})
