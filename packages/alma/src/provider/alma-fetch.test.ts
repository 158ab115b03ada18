import type { Credential } from "qwen-auth-core"
import { PAY_AS_YOU_GO, TOKEN_PLAN } from "qwen-auth-core/internal"
import { ACCOUNT_CHAT, CHAT_URL, KEY_CHAT, POST, readResponse } from "qwen-auth-testing/chat-requests"
import type { Reply } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { endpointOf } from "qwen-auth-testing/key-endpoints"
import { expiring, refusal, renewal } from "qwen-auth-testing/managed"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { after, empty, firewallPage, json, networkError, page, silence } from "qwen-auth-testing/replies"
import { credential, keyCredential, SERVER } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { setUp as setUpParts } from "../testing/set-up.ts"

type Options = Parameters<typeof setUpParts>[0]

function setUp(stored: Credential | undefined, options: Options = {}) {
  const parts = setUpParts({ stored, ...options })
  const api = () => parts.platform.requests.filter(({ url }) => url !== SERVER.tokenEndpoint)
  return { ...parts, api }
}

const DONE = json({ choices: [] })
const TOOL = { type: "function", function: { name: "Bash" } }
const chat = (fields: Readonly<Record<string, unknown>>) => ({
  method: "POST",
  body: JSON.stringify({ model: "qwen3-max", messages: [{ role: "user", content: "hello" }], ...fields }),
})

const LOGIN = "Run: Login to Qwen (Alibaba)"
const KEY_LOGIN = `${LOGIN}, and choose Model Studio API key (keys: https://home.qwencloud.com/api-keys)`

const account = credential()
const codingKey = keyCredential()
const tokenKey = keyCredential(endpointOf(TOKEN_PLAN))
const payingKey = keyCredential({ apiKey: "sk-key-of-the-test", ...endpointOf(PAY_AS_YOU_GO) })
const misplacedKey = keyCredential(endpointOf(PAY_AS_YOU_GO))

describe("Alma's requests", () => {
  it("go to the account's endpoint with this plugin's user agent when signed in with an account", async () => {
    const { fetch, api } = setUp(account, { replies: [DONE] })
    await fetch(CHAT_URL, { ...POST, headers: { ...POST.headers, authorization: "Bearer managed-by-qwen-auth" } })
    const [request] = api()
    expect(request?.url).toBe(ACCOUNT_CHAT)
    expect(request?.headers.get("authorization")).toBe("Bearer access-1")
    expect(request?.headers.get("user-agent")).toMatch(/^qwen-auth-alma\/\d+\.\d+\.\d+ \(\w+; \w+\)$/)
    expect(request?.redirect).toBe("manual")
  })

  it("go to the key's endpoint with Alma's user agent and body when signed in with a key", async () => {
    const { fetch, api, alma } = setUp(codingKey, { replies: [DONE] })
    alma.settings.change("qwenAuth.promptCache", false)
    await fetch(CHAT_URL, { ...POST, headers: { ...POST.headers, "user-agent": "Alma/1" } })
    const [request] = api()
    expect([request?.url, request?.body]).toEqual([KEY_CHAT, POST.body])
    expect(request?.headers.get("authorization")).toBe(`Bearer ${codingKey.apiKey}`)
    expect(request?.headers.get("user-agent")).toBe("Alma/1")
    expect([...(request?.headers.keys() ?? [])].filter((name) => name.startsWith("x-dashscope"))).toEqual([])
  })

  it("are marked for the prompt cache when signed in with a key", async () => {
    const { fetch, api } = setUp(codingKey, { replies: [DONE] })
    await fetch(CHAT_URL, POST)
    expect(api()[0]?.headers.get("x-dashscope-cachecontrol")).toBe("enable")
    expect(String(api()[0]?.body)).toContain('"cache_control":{"type":"ephemeral"}')
  })

  it("use the credential that is current at each request", async () => {
    const { fetch, signIn, api } = setUp(account, { rest: DONE })
    await fetch(CHAT_URL, POST)
    await signIn.setCredential(codingKey)
    await fetch(CHAT_URL, POST)
    expect(api().map(({ url }) => url)).toEqual([ACCOUNT_CHAT, KEY_CHAT])
  })

  it("return the bytes of a successful response, even of a truncated stream", async () => {
    const answer = new Response("data: cut", { headers: { "content-type": "text/event-stream" } })
    const { fetch } = setUp(account, { replies: [() => answer] })
    expect(await (await fetch(CHAT_URL, POST)).text()).toBe("data: cut")
  })

  it("are repeated once with a refreshed token when the token was rejected", async () => {
    const { fetch, api, secrets } = setUp(account, { replies: [rejected, renewal(2), DONE] })
    expect((await fetch(CHAT_URL, POST)).status).toBe(200)
    expect(api().map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer access-1", "Bearer access-2"])
    expect(api()[0]?.body).toBe(api()[1]?.body)
    expect(secrets.stored()).toContain("refresh-2")
  })

  it("are not repeated with a rejected key", async () => {
    const { fetch, api } = setUp(codingKey, { replies: [rejected] })
    expect((await fetch(CHAT_URL, POST)).status).toBe(401)
    expect(api()).toHaveLength(1)
  })

  it("end with the caller's abort reason, which is not recorded as an error", async () => {
    const { fetch, signIn } = setUp(codingKey, { replies: [silence] })
    const caller = new AbortController()
    const ended = fetch(CHAT_URL, { ...POST, signal: caller.signal }).catch((error: unknown) => error)
    await settle()
    caller.abort("enough")
    expect(await ended).toBe("enough")
    expect(await signIn.state()).toEqual({ credential: codingKey })
  })

  it.each(["https://evil.example/v1", "http://dashscope.aliyuncs.com/v1", "not an address"])(
    "never send a key to %s",
    async (baseUrl) => {
      const { fetch, platform } = setUp(keyCredential({ baseUrl }))
      expect(await readResponse(await fetch("https://evil.example/v1/chat/completions", POST))).toMatchObject({
        status: 403,
        body: { error: { code: "invalid_endpoint" } },
      })
      expect(platform.requests).toEqual([])
    },
  )

  it.each(["evil.example", "https://bucket.oss.aliyuncs.com", "http://portal.qwen.ai"])(
    "never send a token to %s",
    async (resourceUrl) => {
      const { fetch, api } = setUp(credential({ resourceUrl }), { replies: [DONE] })
      await fetch("https://evil.example/v1/chat/completions", POST)
      expect(api().map(({ url }) => url)).toEqual([ACCOUNT_CHAT])
    },
  )
})

describe("the body of Alma's requests", () => {
  it("contains the text about tools while the setting is on", async () => {
    const { fetch, api, alma } = setUp(codingKey, { rest: DONE })
    alma.settings.change("qwenAuth.promptCache", false)
    await fetch(CHAT_URL, chat({ tools: [TOOL] }))
    alma.settings.change("qwenAuth.toolNames", false)
    const request = chat({ tools: [TOOL] })
    await fetch(CHAT_URL, request)
    expect(String(api()[0]?.body)).toContain("run_shell_command → Bash")
    expect(api()[1]?.body).toBe(request.body)
  })

  it.each([account, codingKey])("contains the text in one system message with a $type credential", async (stored) => {
    const { fetch, api } = setUp(stored, { rest: DONE })
    await fetch(new URL(CHAT_URL), chat({ tools: [TOOL] }))
    const { messages } = JSON.parse(String(api()[0]?.body))
    expect(messages.map(({ role }: { role: string }) => role)).toEqual(["system", "user"])
  })

  it("contains the API's id of the model", async () => {
    const { fetch, api } = setUp(payingKey, { rest: DONE })
    await fetch(CHAT_URL, chat({ model: "qwen3-235b-a22b-instruct" }))
    expect(String(api()[0]?.body)).toContain('"qwen3-235b-a22b-instruct-2507"')
  })

  it("is unchanged for every other URL", async () => {
    const { fetch, api } = setUp(payingKey, { rest: DONE })
    const request = chat({ model: "qwen3-235b-a22b-instruct", tools: [TOOL] })
    await fetch(CHAT_URL.replace("chat/completions", "embeddings"), request)
    expect(api()[0]?.body).toBe(request.body)
  })
})

const freshly = [rejected, renewal(2)]
const sessionExpired = "Your session has expired, or the token is no longer valid. Please sign in again to proceed."
const usedUp = apiError(429, "insufficient_quota", "You exceeded your current quota, please check your plan.")
const ENDED = "Alibaba ended the free Qwen OAuth tier on 2026-04-15."

/** Section 5 of the protocol description: the credential, the responses, the status and the message in Alma. */
const ROWS: readonly (readonly [string, Credential | undefined, readonly Reply[], number, string])[] = [
  ["no sign-in", undefined, [], 401, `Authentication required. ${LOGIN}`],
  [
    "401, even with a fresh token",
    account,
    [...freshly, rejected],
    403,
    `Qwen rejects this account's sign-in although it is fresh: ${ENDED} ${KEY_LOGIN}`,
  ],
  ...[
    ["the Coding Plan", codingKey, "the Coding Plan (international)"] as const,
    ["the Token Plan", tokenKey, "the Token Plan (international)"] as const,
  ].map(
    ([where, key, name]) =>
      [
        `the same 401 from ${where}`,
        key,
        [rejected],
        401,
        `Model Studio does not accept this key for ${name}: it belongs to another plan, tier or region, or the plan has expired. ` +
          "Check the plan and the key in the Model Studio console, then sign in again with a key for this plan. " +
          LOGIN,
      ] as const,
  ),
  [
    "401 for a plan's key on the pay-as-you-go host",
    misplacedKey,
    [apiError(401, "invalid_api_key", "Incorrect API key provided.")],
    401,
    "This is a plan's key (sk-sp-…), which pay as you go (international) does not accept. " +
      `Sign in again and choose Coding Plan or Token Plan. ${LOGIN}`,
  ],
  [
    "401 for a key of another region",
    payingKey,
    [apiError(401, "invalid_api_key", "Incorrect API key provided.")],
    401,
    "Model Studio does not accept this key for pay as you go (international): it was deleted, or belongs to another region " +
      "or workspace. Check the plan and the key in the Model Studio console, then sign in again with a key for this " +
      `plan. ${LOGIN}`,
  ],
  [
    "403 invalid api-key",
    misplacedKey,
    [apiError(403, "InvalidApiKey", "invalid api-key")],
    401,
    "This is a plan's key (sk-sp-…), which pay as you go (international) does not accept. " +
      `Sign in again and choose Coding Plan or Token Plan. ${LOGIN}`,
  ],
  [
    "401 on a host other than the token's",
    account,
    [...freshly, apiError(401, undefined, sessionExpired)],
    401,
    `Qwen no longer accepts this sign-in. ${LOGIN}`,
  ],
  ["429 for a quota", account, [usedUp], 403, `This account has no free quota left: ${ENDED} ${KEY_LOGIN}`],
  [
    "403 for a quota",
    account,
    [apiError(403, "AllocationQuota.FreeTierOnly", "Free allocated quota exceeded.")],
    403,
    `This account has no free quota left: ${ENDED} ${KEY_LOGIN}`,
  ],
  [
    "429 with seconds to wait",
    account,
    [json({ error: { message: "slow" } }, 429, { "retry-after": "30" })],
    429,
    "Qwen's rate limit is reached (too many requests). Wait 30 seconds, then try again; fewer parallel requests help.",
  ],
  [
    "429 with a date to wait until",
    codingKey,
    [json({ error: { message: "slow" } }, 429, { "retry-after": "Mon, 02 Nov 2026 10:05:00 GMT" })],
    429,
    "Qwen's rate limit is reached (too many requests). Wait 5 minutes, then try again; fewer parallel requests help.",
  ],
  [
    "a plan's quota",
    codingKey,
    [apiError(429, "insufficient_quota", "week allocated quota exceeded.")],
    403,
    "The quota for the Coding Plan (international) is used up (weekly limit). Wait until the plan's " +
      "next period, or choose another plan in the Model Studio console.",
  ],
  [
    "400 for an invalid body",
    account,
    [apiError(400, "invalid_parameter_error", "bad request")],
    400,
    "Qwen's API refused the request: HTTP 400, invalid_parameter_error. If this happens again, start a new conversation or " +
      "choose another model. The debug log has the service's own text (Settings: Debug log).",
  ],
  [
    "a refused refresh token",
    expiring(-1),
    [refusal],
    401,
    `Token refresh failed: the service refused it (invalid_request: Invalid refresh token or client_id). ${LOGIN}`,
  ],
  [
    "an unknown model",
    codingKey,
    [apiError(404, "model_not_found", "The model does not exist")],
    404,
    'The model "qwen3-coder-plus" is not available to this account. Choose a model of the Coding Plan.',
  ],
  ...[200, 405].map(
    (status) =>
      [
        `a firewall's page with ${status}`,
        account,
        [page(status)],
        403,
        "A web page, perhaps a proxy's or a captive portal's, answered instead of Qwen's API. " +
          "Check the network and proxy, or wait a few minutes; the sign-in is kept.",
      ] as const,
  ),
  [
    "the firewall's own page",
    codingKey,
    [firewallPage(405)],
    403,
    "Alibaba's web firewall answered instead of Qwen's API. " +
      "Check the network and proxy, or wait a few minutes; the sign-in is kept.",
  ],
  [
    "a gateway's 504",
    account,
    [page(504)],
    504,
    "Qwen's API is not available at the moment (HTTP 504 with a web page). Wait a moment, then try again.",
  ],
  [
    "a redirect",
    codingKey,
    [empty(302, { location: "https://portal.example/login" })],
    403,
    "Qwen's API responded with a redirect to portal.example. " +
      "It was not followed, to protect the sign-in. Check for a proxy or a captive portal.",
  ],
  [
    "no connection",
    account,
    [networkError("connect ENETUNREACH")],
    503,
    "portal.qwen.ai could not be reached (connect ENETUNREACH). Check the network connection and proxy, then try again.",
  ],
]

describe("the error message in Alma", () => {
  it.each(ROWS)("says what happened and what to do: %s", async (_, stored, replies, status, sentence) => {
    const { fetch } = setUp(stored, { replies })
    const answer = await readResponse(await fetch(CHAT_URL, POST))
    expect(answer).toMatchObject({ status, body: { error: { message: sentence } } })
    expect(answer.text).not.toMatch(/access-\d|refresh-\d|key-of-the-test|request_id/)
  })

  it("suggests another key when the plan does not admit Alma, as the README does", async () => {
    const message = "Coding Plan is currently only available for Coding Agents"
    const { fetch } = setUp(codingKey, { replies: [apiError(403, "access_denied", message)] })
    const { text } = await readResponse(await fetch(CHAT_URL, POST))
    expect(text).toContain("The Coding Plan (international) accepts only coding agents that it knows")
    expect(text).toContain("Token Plan")
    expect(text).toContain(LOGIN)
  })
})

describe("a refused request", () => {
  it.each([
    ["a rejected key", codingKey, [rejected], "api_key_rejected"],
    ["the end of the free tier", account, [...freshly, rejected], "free_tier_ended"],
    ["a dead refresh token", expiring(-1), [refusal], "token_refresh_failed"],
  ])("marks the sign-in as unusable when the refusal is final: %s", async (_, stored, replies, code) => {
    const { fetch, signIn } = setUp(stored, { replies })
    await fetch(CHAT_URL, POST)
    await settle()
    const { problem, lastError } = await signIn.state()
    expect([problem?.code, lastError?.error.code]).toEqual([code, code])
  })

  it("is only recorded as the last error when the refusal is temporary", async () => {
    const { fetch, signIn } = setUp(codingKey, { replies: [json({}, 429)] })
    await fetch(CHAT_URL, POST)
    await settle()
    const { problem, lastError } = await signIn.state()
    expect([problem, lastError?.error.code]).toEqual([undefined, "rate_limited"])
  })

  it("does not mark a new sign-in when the late response belongs to the previous one", async () => {
    const late = gate()
    const { fetch, signIn } = setUp(codingKey, { replies: [after(late.promise, rejected)] })
    const answered = fetch(CHAT_URL, POST)
    await settle()
    await signIn.setCredential(tokenKey)
    late.open()
    await answered
    await settle()
    expect(await signIn.state()).toMatchObject({ credential: tokenKey })
    expect((await signIn.state()).problem).toBeUndefined()
  })

  it("does not mark the sign-in when the storage was only locked for a moment", async () => {
    const { fetch, signIn, secrets } = setUp(codingKey)
    let locked = true
    secrets.before = () => {
      if (locked) {
        locked = false
        throw new Error("locked")
      }
    }
    // The first read fails. The account's store then finds a key instead of an account.
    await fetch(CHAT_URL, POST)
    await settle()
    expect((await signIn.state()).problem).toBeUndefined()
  })
})
