import type { Credential } from "qwen-auth-core"
import { PAY_AS_YOU_GO, TOKEN_PLAN } from "qwen-auth-core/internal"
import { ACCOUNT_CHAT, ASKED, KEY_CHAT, POST, told } from "qwen-auth-testing/chat-requests"
import type { Reply } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { siteOf } from "qwen-auth-testing/key-places"
import { expiring, refusal, renewal } from "qwen-auth-testing/managed"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { after, empty, firewallPage, json, networkError, page, silence } from "qwen-auth-testing/replies"
import { credential, keyCredential, SERVER } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { setUp as setUpParts } from "../testing/set-up.ts"

type Options = Parameters<typeof setUpParts>[0]

function setUp(stored: Credential | undefined, options: Options = {}) {
  const made = setUpParts({ ...(stored === undefined ? {} : { stored }), ...options })
  const api = () => made.platform.requests.filter(({ url }) => url !== SERVER.tokenEndpoint)
  return { ...made, api }
}

const DONE = json({ choices: [] })
const TOOL = { type: "function", function: { name: "Bash" } }
const chat = (fields: Readonly<Record<string, unknown>>) => ({
  method: "POST",
  body: JSON.stringify({ model: "qwen3-max", messages: [{ role: "user", content: "hello" }], ...fields }),
})

const LOGIN = "Run: Login to Qwen (Alibaba)"
const KEY_LOGIN = `${LOGIN}, and choose Model Studio API key (keys: https://modelstudio.console.alibabacloud.com)`

const account = credential()
const codingKey = keyCredential()
const tokenKey = keyCredential(siteOf(TOKEN_PLAN))
const payingKey = keyCredential({ apiKey: "sk-key-of-the-test", ...siteOf(PAY_AS_YOU_GO) })
const misplacedKey = keyCredential(siteOf(PAY_AS_YOU_GO))

describe("Alma's requests", () => {
  it("go with a Qwen account to where it is valid, in this plugin's name", async () => {
    const { fetch, api } = setUp(account, { replies: [DONE] })
    await fetch(ASKED, { ...POST, headers: { ...POST.headers, authorization: "Bearer managed-by-qwen-auth" } })
    const [request] = api()
    expect(request?.url).toBe(ACCOUNT_CHAT)
    expect(request?.headers.get("authorization")).toBe("Bearer access-1")
    expect(request?.headers.get("user-agent")).toMatch(/^qwen-auth-alma\/\d+\.\d+\.\d+ \(\w+; \w+\)$/)
    expect(request?.redirect).toBe("manual")
  })

  it("go with a key to the key's place, in Alma's name, the body as it was", async () => {
    const { fetch, api } = setUp(codingKey, { replies: [DONE] })
    await fetch(ASKED, { ...POST, headers: { ...POST.headers, "user-agent": "Alma/1" } })
    const [request] = api()
    expect([request?.url, request?.body]).toEqual([KEY_CHAT, POST.body])
    expect(request?.headers.get("authorization")).toBe(`Bearer ${codingKey.apiKey}`)
    expect(request?.headers.get("user-agent")).toBe("Alma/1")
    expect([...(request?.headers.keys() ?? [])].filter((name) => name.startsWith("x-dashscope"))).toEqual([])
  })

  it("find the credential at each request", async () => {
    const { fetch, signIn, api } = setUp(account, { rest: DONE })
    await fetch(ASKED, POST)
    await signIn.setCredential(codingKey)
    await fetch(ASKED, POST)
    expect(api().map(({ url }) => url)).toEqual([ACCOUNT_CHAT, KEY_CHAT])
  })

  it("get the good answer's bytes, also of a stream that was cut", async () => {
    const answer = new Response("data: cut", { headers: { "content-type": "text/event-stream" } })
    const { fetch } = setUp(account, { replies: [() => answer] })
    expect(await (await fetch(ASKED, POST)).text()).toBe("data: cut")
  })

  it("are sent once more after a renewal when the token was rejected", async () => {
    const { fetch, api, secrets } = setUp(account, { replies: [rejected, renewal(2), DONE] })
    expect((await fetch(ASKED, POST)).status).toBe(200)
    expect(api().map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer access-1", "Bearer access-2"])
    expect(api()[0]?.body).toBe(api()[1]?.body)
    expect(secrets.stored()).toContain("refresh-2")
  })

  it("are not sent again with a rejected key", async () => {
    const { fetch, api } = setUp(codingKey, { replies: [rejected] })
    expect((await fetch(ASKED, POST)).status).toBe(401)
    expect(api()).toHaveLength(1)
  })

  it("end as the caller's abort wants, and that is no refusal", async () => {
    const { fetch, signIn } = setUp(codingKey, { replies: [silence] })
    const caller = new AbortController()
    const ended = fetch(ASKED, { ...POST, signal: caller.signal }).catch((error: unknown) => error)
    await settle()
    caller.abort("enough")
    expect(await ended).toBe("enough")
    expect(await signIn.state()).toEqual({ credential: codingKey })
  })

  it.each(["https://evil.example/v1", "http://dashscope.aliyuncs.com/v1", "not an address"])(
    "never carry a key to %s",
    async (baseUrl) => {
      const { fetch, platform } = setUp(keyCredential({ baseUrl }))
      expect(await told(await fetch("https://evil.example/v1/chat/completions", POST))).toMatchObject({
        status: 403,
        body: { error: { code: "invalid_endpoint" } },
      })
      expect(platform.requests).toEqual([])
    },
  )

  it.each(["evil.example", "https://bucket.oss.aliyuncs.com", "http://portal.qwen.ai"])(
    "never carry a token to %s",
    async (resourceUrl) => {
      const { fetch, api } = setUp(credential({ resourceUrl }), { replies: [DONE] })
      await fetch("https://evil.example/v1/chat/completions", POST)
      expect(api().map(({ url }) => url)).toEqual([ACCOUNT_CHAT])
    },
  )
})

describe("the body of Alma's requests", () => {
  it("has the text about tools while it is wanted", async () => {
    const { fetch, api, alma } = setUp(codingKey, { rest: DONE })
    await fetch(ASKED, chat({ tools: [TOOL] }))
    alma.settings.set("qwenAuth.toolNames", false)
    const request = chat({ tools: [TOOL] })
    await fetch(ASKED, request)
    expect(String(api()[0]?.body)).toContain("run_shell_command → Bash")
    expect(api()[1]?.body).toBe(request.body)
  })

  it.each([account, codingKey])("has the text in one system message with a $type", async (stored) => {
    const { fetch, api } = setUp(stored, { rest: DONE })
    await fetch(new URL(ASKED), chat({ tools: [TOOL] }))
    const { messages } = JSON.parse(String(api()[0]?.body))
    expect(messages.map(({ role }: { role: string }) => role)).toEqual(["system", "user"])
  })

  it("has the API's name of a model", async () => {
    const { fetch, api } = setUp(payingKey, { rest: DONE })
    await fetch(ASKED, chat({ model: "qwen3-235b-a22b-instruct" }))
    expect(String(api()[0]?.body)).toContain('"qwen3-235b-a22b-instruct-2507"')
  })

  it("is untouched for every other address", async () => {
    const { fetch, api } = setUp(payingKey, { rest: DONE })
    const request = chat({ model: "qwen3-235b-a22b-instruct", tools: [TOOL] })
    await fetch(ASKED.replace("chat/completions", "embeddings"), request)
    expect(api()[0]?.body).toBe(request.body)
  })
})

const freshly = [rejected, renewal(2)]
const sessionExpired = "Your session has expired, or the token is no longer valid. Please sign in again to proceed."
const usedUp = apiError(429, "insufficient_quota", "You exceeded your current quota, please check your plan.")
const ENDED = "Alibaba ended the free Qwen OAuth tier on 2026-04-15."

/** Section 5 of the wire's description: who asks, what is answered, the status and what an Alma user reads. */
const ROWS: readonly (readonly [string, Credential | undefined, readonly Reply[], number, string])[] = [
  ["nobody is signed in", undefined, [], 401, `Authentication required. ${LOGIN}`],
  [
    "401, also with a fresh token",
    account,
    [...freshly, rejected],
    403,
    `Qwen rejects this account's sign-in although it was just renewed: ${ENDED} ${KEY_LOGIN}`,
  ],
  ...[
    ["the Coding Plan", codingKey, "the Coding Plan (international)"] as const,
    ["the Token Plan", tokenKey, "the Token Plan (international)"] as const,
  ].map(
    ([where, key, name]) =>
      [
        `the same 401 of ${where}`,
        key,
        [rejected],
        401,
        `Model Studio does not accept this key for ${name}: it is of another plan or region, or the plan has lapsed. ` +
          "Check the plan and the key in the Model Studio console, and sign in again with the key of this plan. " +
          LOGIN,
      ] as const,
  ),
  [
    "401 of a plan's key on the pay-as-you-go host",
    misplacedKey,
    [apiError(401, "invalid_api_key", "Incorrect API key provided.")],
    401,
    "This is a plan's key (sk-sp-…), which pay as you go (international) does not accept. " +
      `Sign in again and choose Coding Plan or Token Plan. ${LOGIN}`,
  ],
  [
    "401 of a key of another region",
    payingKey,
    [apiError(401, "invalid_api_key", "Incorrect API key provided.")],
    401,
    "Model Studio does not accept this key for pay as you go (international): it was deleted, or is of another region " +
      "or workspace. Check the plan and the key in the Model Studio console, and sign in again with the key of this " +
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
    "401 on another host than the token's",
    account,
    [...freshly, apiError(401, undefined, sessionExpired)],
    401,
    `Qwen no longer accepts this sign-in. ${LOGIN}`,
  ],
  ["429 of a quota", account, [usedUp], 403, `This account has no free quota left: ${ENDED} ${KEY_LOGIN}`],
  [
    "403 of a quota",
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
    "Qwen's rate limit is reached (too many requests). Wait 30 seconds, then go on; fewer parallel requests help.",
  ],
  [
    "429 with a date to wait for",
    codingKey,
    [json({ error: { message: "slow" } }, 429, { "retry-after": "Mon, 02 Nov 2026 10:05:00 GMT" })],
    429,
    "Qwen's rate limit is reached (too many requests). Wait 5 minutes, then go on; fewer parallel requests help.",
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
    "400 of a body rule",
    account,
    [apiError(400, "invalid_parameter_error", "bad request")],
    400,
    "Qwen's API refused the request: HTTP 400, invalid_parameter_error. If it stays so, start a new conversation or " +
      "choose another model. The debug log has the service's own text (Settings: Debug log).",
  ],
  [
    "a refresh token that was used elsewhere",
    expiring(-1),
    [refusal],
    401,
    `Token refresh failed: the service refused it (invalid_request: Invalid refresh token or client_id). ${LOGIN}`,
  ],
  [
    "a model that there is not",
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
    "Qwen's API is not available just now (HTTP 504 with a web page). Wait a moment, then go on.",
  ],
  [
    "a redirect",
    codingKey,
    [empty(302, { location: "https://portal.example/login" })],
    403,
    "Qwen's API was answered by a redirect to portal.example. " +
      "It was not followed, to keep the sign-in safe. Check for a proxy or a captive portal.",
  ],
  [
    "no answer",
    account,
    [networkError("connect ENETUNREACH")],
    503,
    "portal.qwen.ai could not be reached (connect ENETUNREACH). Check the network connection and proxy, then try again.",
  ],
]

describe("what an Alma user reads when the service says no", () => {
  it.each(ROWS)("%s", async (_, stored, replies, status, sentence) => {
    const { fetch } = setUp(stored, { replies })
    const answer = await told(await fetch(ASKED, POST))
    expect(answer).toMatchObject({ status, body: { error: { message: sentence } } })
    expect(answer.text).not.toMatch(/access-\d|refresh-\d|key-of-the-test|request_id/)
  })

  it("names, for a plan that does not know Alma, what the README says: another key, and how", async () => {
    const message = "Coding Plan is currently only available for Coding Agents"
    const { fetch } = setUp(codingKey, { replies: [apiError(403, "access_denied", message)] })
    const { text } = await told(await fetch(ASKED, POST))
    expect(text).toContain("The Coding Plan (international) admits only coding agents it knows")
    expect(text).toContain("Token Plan")
    expect(text).toContain(LOGIN)
  })
})

describe("a refusal", () => {
  it.each([
    ["a rejected key", codingKey, [rejected], "api_key_rejected"],
    ["the end of the free tier", account, [...freshly, rejected], "free_tier_ended"],
    ["a dead refresh token", expiring(-1), [refusal], "token_refresh_failed"],
  ])("for good is known from then on: %s", async (_, stored, replies, code) => {
    const { fetch, signIn } = setUp(stored, { replies })
    await fetch(ASKED, POST)
    await settle()
    const { problem, lastError } = await signIn.state()
    expect([problem?.code, lastError?.error.code]).toEqual([code, code])
  })

  it("for now is only the last error", async () => {
    const { fetch, signIn } = setUp(codingKey, { replies: [json({}, 429)] })
    await fetch(ASKED, POST)
    await settle()
    const { problem, lastError } = await signIn.state()
    expect([problem, lastError?.error.code]).toEqual([undefined, "rate_limited"])
  })

  it("of an old sign-in, whose answer came late, does not mark a new one", async () => {
    const late = gate()
    const { fetch, signIn } = setUp(codingKey, { replies: [after(late.promise, rejected)] })
    const answered = fetch(ASKED, POST)
    await settle()
    await signIn.setCredential(tokenKey)
    late.open()
    await answered
    await settle()
    expect(await signIn.state()).toMatchObject({ credential: tokenKey })
    expect((await signIn.state()).problem).toBeUndefined()
  })

  it("of storage that was locked for a moment does not mark the sign-in", async () => {
    const { fetch, signIn, secrets } = setUp(codingKey)
    let locked = true
    secrets.before = () => {
      if (locked) {
        locked = false
        throw new Error("locked")
      }
    }
    // The key is not seen at the first look; the account's store then finds a key where an account was expected.
    await fetch(ASKED, POST)
    await settle()
    expect((await signIn.state()).problem).toBeUndefined()
  })
})
