import { describe, expect, it } from "vitest"
import type { OAuthCredential } from "../credentials/credential.ts"
import { CredentialManager } from "../credentials/credential-manager.ts"
import { QwenAuthError } from "../errors.ts"
import { type FakeWorldOptions, fakeWorld, START } from "../testing/fake-world.ts"
import { memoryStore } from "../testing/memory-store.ts"
import { empty, firewallPage, json, noAnswer, page, silence } from "../testing/replies.ts"
import { credential, DEAD_REFRESH_TOKEN, SERVER, TOKENS } from "../testing/samples.ts"
import { createQwenFetch, type QwenFetchOptions } from "./qwen-fetch.ts"

const ASKED = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"
const CHAT = "https://portal.qwen.ai/v1/chat/completions"
const BODY = JSON.stringify({ model: "qwen3-coder-plus", messages: [{ role: "user", content: "hello" }] })
const POST = { method: "POST", headers: { "content-type": "application/json" }, body: BODY }
const answered = json({ choices: [] })
const rejected = json(
  { error: { code: "invalid_api_key", message: "invalid access token or token expired" }, request_id: "500" },
  401,
)

interface SetUp extends FakeWorldOptions, Partial<Pick<QwenFetchOptions, "apiBaseUrl" | "words">> {
  stored?: OAuthCredential | null
}

function setUp({ stored = credential(), ...options }: SetUp) {
  const world = fakeWorld(options)
  const store = memoryStore(stored ?? undefined)
  const credentials = new CredentialManager({ world, server: SERVER, store })
  const { apiBaseUrl, words } = options
  const qwenFetch = createQwenFetch({ world, credentials, userAgent: "qwen-auth/0 (test; x)", apiBaseUrl, words })
  const api = () => world.requests.filter(({ url }) => url !== SERVER.tokenEndpoint)
  return { world, store, qwenFetch, api }
}

async function told(response: Response) {
  const body: unknown = await response.json()
  return { status: response.status, body, text: JSON.stringify(body) }
}

describe("a good answer", () => {
  it("is the network's own Response, its body untouched", async () => {
    const response = new Response("data: [DONE]\n\n", { headers: { "content-type": "text/event-stream" } })
    const { qwenFetch } = setUp({ replies: [() => response] })
    expect(await qwenFetch(ASKED, POST)).toBe(response)
    expect(response.bodyUsed).toBe(false)
  })

  it("is awaited no longer than its headers", async () => {
    const endless = new Response(new ReadableStream({ start() {} }), {
      headers: { "content-type": "text/event-stream" },
    })
    const { qwenFetch } = setUp({ replies: [() => endless] })
    expect(await qwenFetch(ASKED, POST)).toBe(endless)
  })
})

describe("a request", () => {
  it("carries the token and the body that the OAuth route takes", async () => {
    const { qwenFetch, world } = setUp({ replies: [answered] })
    await qwenFetch(ASKED, POST)
    const [sent] = world.requests
    expect(sent?.method).toBe("POST")
    expect(sent?.headers.get("authorization")).toBe("Bearer access-1")
    expect(sent?.headers.get("content-type")).toBe("application/json")
    expect(sent?.headers.get("user-agent")).toBe("qwen-auth/0 (test; x)")
    expect(sent?.redirect).toBe("manual")
    expect(JSON.parse(String(sent?.body))).toMatchObject({ model: "coder-model" })
  })

  it("drops the caller's own credentials", async () => {
    const { qwenFetch, world } = setUp({ replies: [answered] })
    await qwenFetch(ASKED, { ...POST, headers: { Authorization: "Bearer other", "x-api-key": "sk-1" } })
    expect(world.requests[0]?.headers.get("authorization")).toBe("Bearer access-1")
    expect(world.requests[0]?.headers.has("x-api-key")).toBe(false)
  })

  it.each([
    ["a text", ASKED],
    ["a URL", new URL(ASKED)],
    ["a Request", new Request(ASKED, POST)],
  ])("is taken as %s", async (_, input) => {
    const { qwenFetch, world } = setUp({ replies: [answered] })
    await qwenFetch(input, input instanceof Request ? undefined : POST)
    expect(world.requests[0]?.url).toBe(CHAT)
    expect(JSON.parse(String(world.requests[0]?.body))).toMatchObject({ model: "coder-model" })
  })

  it("without a body is sent without one", async () => {
    const { qwenFetch, world } = setUp({ replies: [json({ data: [] })] })
    await qwenFetch("https://api.test/v1/models")
    expect([world.requests[0]?.method, world.requests[0]?.url, world.requests[0]?.body]).toEqual([
      "GET",
      "https://portal.qwen.ai/v1/models",
      undefined,
    ])
  })
})

describe("where a request goes", () => {
  it.each([
    ["portal.qwen.ai", CHAT],
    [
      "dashscope.aliyuncs.com/compatible-mode/v1/",
      "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
    ],
    [undefined, CHAT],
  ])("with resource_url %s: to %s", async (resourceUrl, url) => {
    const { qwenFetch, world } = setUp({ stored: credential({ resourceUrl }), replies: [answered] })
    await qwenFetch(ASKED, POST)
    expect(world.requests[0]?.url).toBe(url)
    expect(world.logged.filter(({ level }) => level === "warn")).toEqual([])
  })

  it.each([
    "evil.test",
    "http://portal.qwen.ai",
    "https://portal.qwen.ai.evil.test",
    "portal.qwen.ai@evil.test",
    "https://bucket.oss-cn-beijing.aliyuncs.com/v1",
  ])("with the hostile resource_url %s: to the default, with a warning", async (resourceUrl) => {
    const { qwenFetch, world } = setUp({ stored: credential({ resourceUrl }), replies: [answered] })
    await qwenFetch(ASKED, POST)
    expect(world.requests.map(({ url }) => url)).toEqual([CHAT])
    expect(world.logged.map(({ level }) => level)).toContain("warn")
  })

  it("is the user's own address before the token's", async () => {
    const { qwenFetch, world } = setUp({ apiBaseUrl: "http://127.0.0.1:4000/v1", replies: [answered] })
    await qwenFetch(ASKED, POST)
    expect(world.requests[0]?.url).toBe("http://127.0.0.1:4000/v1/chat/completions")
  })

  it("is never the host that the caller names", async () => {
    const { qwenFetch, world } = setUp({ replies: [answered] })
    await qwenFetch("https://evil.test/v1/chat/completions?x=1", POST)
    expect(world.requests.map(({ url }) => url)).toEqual([`${CHAT}?x=1`])
  })

  it("follows the resource_url of a renewed token", async () => {
    const renewal = json({ ...TOKENS, resource_url: "dashscope.aliyuncs.com" })
    const { qwenFetch, api } = setUp({ replies: [rejected, renewal, answered] })
    await qwenFetch(ASKED, POST)
    expect(api().map(({ url }) => url)).toEqual([CHAT, "https://dashscope.aliyuncs.com/v1/chat/completions"])
  })
})

describe("a token that the API rejects", () => {
  it("is renewed and the request sent once more, the same but for the token", async () => {
    const good = new Response("{}")
    const { qwenFetch, api } = setUp({ replies: [rejected, json(TOKENS), () => good] })
    expect(await qwenFetch(ASKED, POST)).toBe(good)
    const [first, second] = api()
    expect([first, second].map((sent) => sent?.headers.get("authorization"))).toEqual([
      "Bearer access-1",
      "Bearer access-2",
    ])
    expect(second?.body).toBe(first?.body)
    expect(second?.method).toBe("POST")
  })

  it("is renewed with a body that came as a stream, too", async () => {
    const request = new Request(ASKED, POST)
    const { qwenFetch, api } = setUp({ replies: [rejected, json(TOKENS), answered] })
    expect((await qwenFetch(request)).ok).toBe(true)
    expect(api()[1]?.body).toBe(api()[0]?.body)
  })

  it("is explained when the renewed one is rejected, too, and not tried a third time", async () => {
    const { qwenFetch, api } = setUp({ replies: [rejected, json(TOKENS), rejected] })
    const { status, body, text } = await told(await qwenFetch(ASKED, POST))
    expect(status).toBe(403)
    expect(body).toMatchObject({ error: { code: "free_tier_ended", type: "qwen_auth_error" } })
    expect(text).toContain("2026-04-15")
    expect(text).not.toContain("request_id")
    expect(api()).toHaveLength(2)
  })

  it("is explained when it cannot be renewed for good", async () => {
    const { qwenFetch, api } = setUp({ replies: [rejected, json(DEAD_REFRESH_TOKEN, 400)] })
    const { status, body } = await told(await qwenFetch(ASKED, POST))
    expect(status).toBe(401)
    expect(body).toMatchObject({ error: { code: "token_refresh_failed" } })
    expect(api()).toHaveLength(1)
  })

  it("may be tried again later when it cannot be renewed now", async () => {
    const { qwenFetch } = setUp({ replies: [rejected], rest: page(502) })
    const { status, body } = await told(await qwenFetch(ASKED, POST))
    expect(status).toBe(503)
    expect(body).toMatchObject({ error: { code: "token_refresh_unavailable" } })
  })

  it("of many requests at once is renewed once", async () => {
    const { qwenFetch, world, api } = setUp({
      replies: [...Array.from({ length: 8 }, () => rejected), json(TOKENS)],
      rest: answered,
    })
    const responses = await Promise.all(Array.from({ length: 8 }, () => qwenFetch(ASKED, POST)))
    expect(responses.every(({ ok }) => ok)).toBe(true)
    expect([world.requests.length - api().length, api().length]).toEqual([1, 16])
  })
})

describe("the server's time", () => {
  it("is learned from the headers of each answer, a rejection's too", async () => {
    const { world } = setUp({
      replies: [empty(401, { "x-answer": "1" }), json({}, 200, { "x-answer": "2" }), empty(500, { "x-answer": "3" })],
    })
    const heard: (string | null)[] = []
    const credentials = {
      current: async () => credential(),
      renew: async () => credential({ accessToken: "access-2" }),
      observe: (headers: Headers) => void heard.push(headers.get("x-answer")),
    }
    const qwenFetch = createQwenFetch({ world, credentials, userAgent: "qwen-auth/0 (test; x)" })
    await qwenFetch(ASKED, POST)
    await qwenFetch(ASKED, POST)
    expect(heard).toEqual(["1", "2", "3"])
  })

  it("decides whether a token has ended, whatever our clock says", async () => {
    const tomorrow = { date: new Date(START + 24 * 3_600_000).toUTCString() }
    const { qwenFetch, api } = setUp({
      replies: [json({}, 200, tomorrow), json(TOKENS, 200, tomorrow)],
      rest: answered,
    })
    await qwenFetch(ASKED, POST)
    await qwenFetch(ASKED, POST)
    expect(api().map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer access-1", "Bearer access-2"])
  })
})

describe("an error answer", () => {
  it("becomes words with a status that clients treat rightly", async () => {
    const quota = { error: { code: "insufficient_quota", message: "You exceeded your current quota" } }
    const { qwenFetch } = setUp({ replies: [json(quota, 429, { "retry-after": "3600" })] })
    const response = await qwenFetch(ASKED, POST)
    expect(response.headers.get("retry-after")).toBeNull()
    expect(await told(response)).toMatchObject({ status: 403, body: { error: { code: "free_tier_ended" } } })
  })

  it.each([
    ["12", "12"],
    ["3600", "60"],
    [new Date(START + 30_000).toUTCString(), "30"],
  ])("429 with Retry-After %s tells the host %s", async (asked, passed) => {
    const { qwenFetch } = setUp({ replies: [empty(429, { "retry-after": asked })] })
    const response = await qwenFetch(ASKED, POST)
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, passed])
  })

  it("names the model that the caller asked for", async () => {
    const { qwenFetch } = setUp({ replies: [json({ error: { code: "model_not_found", message: "no" } }, 404)] })
    expect((await told(await qwenFetch(ASKED, POST))).text).toContain("qwen3-coder-plus")
  })

  it.each([
    ["a page with status 200", page(200)],
    [
      "the web firewall's page, announced as such",
      () => new Response("<!doctypehtml>", { headers: { "content-type": "text/html" } }),
    ],
    ["the web firewall's page with 405", firewallPage(405)],
  ])("%s: is said to be none of the service's", async (_, reply) => {
    const { qwenFetch } = setUp({ replies: [reply] })
    expect(await told(await qwenFetch(ASKED, POST))).toMatchObject({
      status: 403,
      body: { error: { code: "web_firewall" } },
    })
  })

  it("is in the host's own words where it has some", async () => {
    const { qwenFetch } = setUp({ replies: [empty(429)], words: (error) => `host says: ${error.code}` })
    expect(await told(await qwenFetch(ASKED, POST))).toMatchObject({
      body: { error: { message: "host says: rate_limited" } },
    })
  })
})

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])(
    "%i is refused and its host named; the token goes nowhere else",
    async (status) => {
      const { qwenFetch, world } = setUp({ replies: [empty(status, { location: "https://evil.test/steal?x=1" })] })
      const { status: told403, body, text } = await told(await qwenFetch(ASKED, POST))
      expect(told403).toBe(403)
      expect(body).toMatchObject({ error: { code: "redirect_refused" } })
      expect(text).toContain("evil.test")
      expect(text).not.toContain("steal")
      expect(world.requests).toHaveLength(1)
    },
  )

  it.each(["/elsewhere", "", "\u0001"])("with the Location %j is refused, too", async (location) => {
    const reply = () => new Response(null, { status: 302, headers: location === "\u0001" ? {} : { location } })
    const { qwenFetch } = setUp({ replies: [reply] })
    expect((await told(await qwenFetch(ASKED, POST))).text).toContain("another address")
  })
})

describe("no answer", () => {
  it("is the network's own error, so that the host retries as it would", async () => {
    const trouble = new TypeError("fetch failed", { cause: new Error("read ECONNRESET") })
    const { qwenFetch } = setUp({ replies: [() => Promise.reject(trouble)] })
    await expect(qwenFetch(ASKED, POST)).rejects.toBe(trouble)
  })

  it("is the caller's own reason when it gave up", async () => {
    const controller = new AbortController()
    const { qwenFetch, world } = setUp({
      replies: [
        (request) => {
          controller.abort(new Error("the person pressed Escape"))
          return silence(request)
        },
      ],
    })
    await expect(qwenFetch(ASKED, { ...POST, signal: controller.signal })).rejects.toThrow("the person pressed Escape")
    expect(world.requests).toHaveLength(1)
  })

  it("is the caller's own reason when it gave up during a renewal", async () => {
    const controller = new AbortController()
    const { qwenFetch } = setUp({
      stored: credential({ expiresAt: START }),
      replies: [
        (request) => {
          controller.abort(new Error("the person pressed Escape"))
          return noAnswer()(request)
        },
      ],
    })
    await expect(qwenFetch(ASKED, { ...POST, signal: controller.signal })).rejects.toThrow("the person pressed Escape")
  })
})

describe("nobody signed in", () => {
  it("is a 401 in words, and nothing is sent", async () => {
    const { qwenFetch, world } = setUp({ stored: null })
    expect(await told(await qwenFetch(ASKED, POST))).toMatchObject({
      status: 401,
      body: { error: { code: "authentication_required", message: "Nobody is signed in. Sign in first." } },
    })
    expect(world.requests).toHaveLength(0)
  })

  it("is told for a store's own reason", async () => {
    const { qwenFetch, store } = setUp({ stored: null })
    store.held = { problem: new QwenAuthError("authentication_required", "The file is broken.") }
    expect((await told(await qwenFetch(ASKED, POST))).text).toContain("The file is broken.")
  })
})
