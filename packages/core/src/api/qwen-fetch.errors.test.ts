import { accountRequests, POST, ROUTES, readError } from "qwen-auth-testing/chat-requests"
import { type Reply, START } from "qwen-auth-testing/fake-platform"
import { apiError } from "qwen-auth-testing/refusals"
import { empty, firewallPage, json, networkError, page, silence } from "qwen-auth-testing/replies"
import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"

describe.each(ROUTES)("with %s: an error response", (_, requests) => {
  it.each([
    ["12", "12", "12 seconds"],
    ["0", null, "a minute"],
    ["3600", "60", "60 minutes"],
    ["86400", "60", "24 hours"],
    [new Date(START + 30_000).toUTCString(), "30", "30 seconds"],
    ["soon", null, "a minute"],
    [undefined, null, "a minute"],
  ])("with 429 and Retry-After %s has Retry-After %s and the message says %s", async (incoming, forwarded, wait) => {
    const { chat } = requests({ replies: [empty(429, incoming === undefined ? {} : { "retry-after": incoming })] })
    const response = await chat()
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, forwarded])
    expect((await readError(response)).message).toContain(`Wait ${wait}, then try again`)
  })

  it("of an unavailable service keeps its status, and a wait of at most a minute", async () => {
    const { chat } = requests({ replies: [empty(503, { "retry-after": "120" })] })
    const response = await chat()
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "60"])
    expect((await readError(response)).code).toBe("service_unreachable")
  })

  it("that hosts must not retry has no Retry-After", async () => {
    const { chat } = requests({ replies: [apiError(403, undefined, "Denied.")].map(withRetryAfter) })
    const response = await chat()
    expect([response.status, response.headers.get("retry-after")]).toEqual([403, null])
  })

  it("contains only a plain code of the service, whose message is in the debug log", async () => {
    const error = { code: "invalid_value", message: "request 5000: server busy", param: "secret-1" }
    const reply = json({ error, request_id: "500" }, 400, { "x-own": "1" })
    const { chat, platform } = requests({ replies: [reply] })
    const response = await chat()
    expect([...response.headers.keys()]).toEqual(["content-type", "x-should-retry"])
    const body = await response.text()
    expect(JSON.parse(body)).toEqual({
      error: {
        message: expect.stringMatching(/^Qwen's API refused the request: HTTP 400, invalid_value\. /),
        code: "request_refused",
        type: "qwen_auth_error",
      },
    })
    expect(retryWordIn(body)).toBeUndefined()
    const service = { code: "invalid_value", message: "request 5000: server busy" }
    expect(platform.logged).toContainEqual({
      level: "debug",
      message: "The API refused a request.",
      fields: { status: 400, code: "request_refused", service },
    })
  })

  it("for a conversation that is too long has the code that makes hosts compact it", async () => {
    const full = apiError(400, "invalid_parameter_error", "Range of input length should be [1, 983616]")
    const error = await readError(await requests({ replies: [full] }).chat())
    expect(error).toMatchObject({ status: 400, code: "context_length_exceeded" })
  })

  it("names the requested model", async () => {
    const { chat } = requests({ replies: [apiError(404, "model_not_found", "no")] })
    const error = await readError(await chat())
    expect(error).toMatchObject({ status: 404, code: "model_not_available" })
    expect(error.message).toContain("qwen3-coder-plus")
  })

  it.each([
    ["a web page with status 200", page(200)],
    [
      "the web firewall's page with a content type",
      () => new Response("<!doctypehtml>", { headers: { "content-type": "text/html" } }),
    ],
    ["the web firewall's page with 405", firewallPage(405)],
  ])("is reported as not from the service: %s", async (_, reply) => {
    const { chat } = requests({ replies: [reply] })
    expect(await readError(await chat())).toMatchObject({ status: 403, code: "web_firewall" })
  })

  it("has the message of the host if it formats errors", async () => {
    const { chat } = requests({ replies: [empty(429)], formatError: (error) => `host says: ${error.code}` })
    expect((await readError(await chat())).message).toBe("host says: rate_limited")
  })
})

function withRetryAfter(reply: Reply): Reply {
  return async (request) => {
    const response = await reply(request)
    response.headers.set("retry-after", "3600")
    return response
  }
}

describe.each(ROUTES)("with %s: a redirect", (_, requests) => {
  it.each([301, 302, 303, 307, 308])("with %i is not followed, and its host is named", async (status) => {
    const { chat, platform } = requests({
      replies: [empty(status, { location: "https://evil.test/steal?x=1" })],
    })
    const error = await readError(await chat())
    expect(error).toMatchObject({ status: 403, code: "redirect_refused" })
    expect(error.message).toContain("evil.test")
    expect(error.text).not.toContain("steal")
    expect(platform.requests.map(({ redirect }) => redirect)).toEqual(["manual"])
  })

  it.each(["/elsewhere", "", undefined])("with the Location %j is not followed", async (location) => {
    const { chat } = requests({ replies: [empty(302, location === undefined ? {} : { location })] })
    expect((await readError(await chat())).message).toContain("another address")
  })
})

describe.each(ROUTES)("with %s: a network error", (_, requests) => {
  it.each(["read ECONNRESET", "connect ECONNREFUSED 127.0.0.1:1", "getaddrinfo ENOTFOUND portal.qwen.ai"])(
    "(%s) is reported as a 503 with a message",
    async (reason) => {
      const { chat, platform } = requests({ replies: [networkError(reason)] })
      const error = await readError(await chat())
      expect(error).toMatchObject({ status: 503, code: "service_unreachable", type: "qwen_auth_error" })
      expect(error.message).toContain(
        `${new URL(platform.requests[0]?.url ?? "").host} could not be reached (${reason}).`,
      )
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
  ])("(%s) that hosts must not retry is reported as a 403 with a message", async (reason, code, message) => {
    const error = await readError(await requests({ replies: [networkError(reason)] }).chat())
    expect(error).toMatchObject({ status: 403, code })
    expect(error.message).toContain(message)
    expect(retryWordIn(error.text)).toBeUndefined()
  })

  it("after an abort is the abort reason", async () => {
    const controller = new AbortController()
    const { chat, platform } = requests({
      replies: [
        (request) => {
          controller.abort(new Error("the user pressed Escape"))
          return silence(request)
        },
      ],
    })
    await expect(chat({ ...POST, signal: controller.signal })).rejects.toThrow("the user pressed Escape")
    expect(platform.requests).toHaveLength(1)
  })

  it("is the abort reason for an aborted signal, and nothing is sent", async () => {
    const { chat, platform } = requests({})
    const signal = AbortSignal.abort(new Error("the user pressed Escape"))
    await expect(chat({ ...POST, signal })).rejects.toThrow("the user pressed Escape")
    expect(platform.requests).toHaveLength(0)
  })
})

it("fails with the abort reason when the caller aborts during a refresh", async () => {
  const controller = new AbortController()
  const { chat } = accountRequests({
    stored: credential({ expiresAt: START }),
    replies: [
      (request) => {
        controller.abort(new Error("the user pressed Escape"))
        return networkError()(request)
      },
    ],
  })
  await expect(chat({ ...POST, signal: controller.signal })).rejects.toThrow("the user pressed Escape")
})

it("reports the end of the free tier without the Retry-After of the service", async () => {
  const quota = { error: { code: "insufficient_quota", message: "You exceeded your current quota" } }
  const { chat } = accountRequests({ replies: [json(quota, 429, { "retry-after": "3600" })] })
  const response = await chat()
  expect(response.headers.get("retry-after")).toBeNull()
  expect(await readError(response)).toMatchObject({ status: 403, code: "free_tier_ended" })
})

describe.each(ROUTES)("with %s: an error response whose body", (_, requests) => {
  const broken = (status: number) => () =>
    new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError("terminated")) }), { status })

  it("has damaged compression is reported as an error that hosts do not retry", async () => {
    const damaged = new TypeError("terminated", { cause: new Error("Decompression failed") })
    const reply = () => new Response(new ReadableStream({ start: (stream) => stream.error(damaged) }), { status: 503 })
    const error = await readError(await requests({ replies: [reply] }).chat())
    expect(error).toMatchObject({ status: 403, code: "unexpected_response" })
    expect(retryWordIn(error.text)).toBeUndefined()
  })

  it("breaks off is reported as a network error", async () => {
    const response = await requests({ replies: [broken(500)] }).chat()
    expect([response.status, (await readError(response)).message]).toEqual([
      503,
      expect.stringContaining("could not be reached (the connection was closed)"),
    ])
  })

  it("never ends is reported after 15 seconds", async () => {
    const endless = () => new Response(new ReadableStream({ pull: () => new Promise<void>(() => {}) }), { status: 500 })
    const response = await requests({ replies: [endless] }).chat()
    expect((await readError(response)).message).toContain("did not answer within 15 seconds")
  })

  it("breaks off after a redirect is reported as a redirect", async () => {
    expect((await requests({ replies: [broken(302)] }).chat()).status).toBe(403)
  })

  it("comes with a status above 599 is reported with status 502", async () => {
    const reply = () => Object.defineProperties(new Response("{}"), { status: { value: 999 }, ok: { value: false } })
    expect((await requests({ replies: [reply] }).chat()).status).toBe(502)
  })
})
