import { readFile } from "node:fs/promises"
import type { ApiEndpoint } from "qwen-auth-core"
import { CODING_PLAN, PAY_AS_YOU_GO, TOKEN_PLAN } from "qwen-auth-core/internal"
import { type FakePlatformOptions, START } from "qwen-auth-testing/fake-platform"
import { accepting, endpointOf, endpointReplies, findingKeys } from "qwen-auth-testing/key-endpoints"
import { expiring, renewal } from "qwen-auth-testing/managed"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { json, networkError } from "qwen-auth-testing/replies"
import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { credential, DEAD_REFRESH_TOKEN, MINUTE } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { USER_AGENT } from "../shared/user-agent.ts"
import { accountEntry, keyEntry, unresolvedKeyEntry } from "./host/host-record.ts"
import type { Services } from "./services.ts"
import { leaveSignIn, qwenCodeFileIn, signInSetUp } from "./testing/sign-in-set-up.ts"

const temporaryFolder = temporaryFolders()

/** The default address of OpenCode's SDK. */
const CHAT_URL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"
const CHAT = {
  model: "qwen3-coder-plus",
  messages: [{ role: "user", content: "hello" }],
  reasoning_effort: "high",
}
const POST = {
  method: "POST",
  headers: { "content-type": "application/json", "user-agent": "opencode/1.18.33", authorization: "Bearer nothing" },
  body: JSON.stringify(CHAT),
}
const ANSWER = { choices: [{ message: { role: "assistant", content: "hello" } }] }
const answer = json(ANSWER)

const ACCOUNT = { type: "oauth", ...accountEntry(credential()) }
const PLAN_KEY = "sk-sp-key-of-the-test"
const keyRecord = (endpoint: ApiEndpoint, apiKey = PLAN_KEY) => ({
  type: "api",
  ...keyEntry({ apiKey, ...endpoint }),
})
const unresolvedKeyRecord = (apiKey = PLAN_KEY) => ({ type: "api", ...unresolvedKeyEntry(apiKey, {}) })

interface SetUp extends FakePlatformOptions {
  readonly home?: string
  /** OpenCode's record; a test may replace it. Absent: OpenCode has not loaded the provider. */
  readonly record?: unknown
  readonly options?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
}

async function setUp({ home, record, ...options }: SetUp) {
  const plugin = signInSetUp(home ?? (await temporaryFolder()), options)
  const host = { record }
  if (record !== undefined) plugin.loaded.readEntry = async () => host.record
  const { services } = plugin
  const send = async (by: keyof Services["fetches"]) => {
    const response = await services.fetches[by](CHAT_URL, POST)
    const text = await response.text()
    return { status: response.status, text, body: JSON.parse(text) }
  }
  const seen = () => plugin.platform.requests.map(({ method, url }) => `${method} ${url}`)
  return { ...plugin, host, services, send, seen }
}

const messageIn = (body: { error?: { message?: string } }) => body.error?.message

describe("a request with a key that OpenCode's SDK sends under its own name", () => {
  it("has OpenCode's name before the SDK's", async () => {
    const { services, client, platform } = await setUp({
      record: keyRecord(endpointOf(CODING_PLAN)),
      replies: [answer],
    })
    const path = { get: async () => ({ data: { healthy: true, version: "1.18.33" } }) }
    Object.assign(client, { path })
    await services.fetches.key(CHAT_URL, { ...POST, headers: { "user-agent": "ai/6.0.168 runtime/bun/1.3.14" } })
    expect(platform.requests[0]?.headers.get("user-agent")).toBe("opencode/1.18.33 ai/6.0.168 runtime/bun/1.3.14")
  })
})

describe("a request with a Qwen account", () => {
  it("goes to the token's resource URL with the account's headers and body rules, and returns the response", async () => {
    const { send, platform } = await setUp({ record: ACCOUNT, replies: [answer] })
    expect(await send("account")).toMatchObject({ status: 200, body: ANSWER })
    const [request] = platform.requests
    expect(request?.url).toBe("https://portal.qwen.ai/v1/chat/completions")
    expect(request?.headers.get("authorization")).toBe("Bearer access-1")
    expect(request?.headers.get("user-agent")).toBe(USER_AGENT)
    expect(request?.headers.get("x-dashscope-authtype")).toBe("qwen-oauth")
    const sent: unknown = JSON.parse(String(request?.body))
    expect(sent).toMatchObject({ model: "coder-model" })
    expect(sent).not.toHaveProperty("reasoning_effort")
  })

  it("goes to the user's own address", async () => {
    const { send, seen } = await setUp({
      record: ACCOUNT,
      replies: [answer],
      options: { apiBaseUrl: "http://127.0.0.1:4000/v1" },
    })
    await send("account")
    expect(seen()).toEqual(["POST http://127.0.0.1:4000/v1/chat/completions"])
  })

  it("refreshes an expiring token, stores it in the file and in OpenCode's record, and is then sent", async () => {
    const written = { records: 0 }
    const { send, platform, calls, settings } = await setUp({
      record: { type: "oauth", ...accountEntry(expiring(MINUTE)) },
      replies: [
        renewal(7),
        (request) => {
          written.records = calls.length
          return answer(request)
        },
      ],
    })
    expect(await send("account")).toMatchObject({ status: 200 })
    expect(platform.requests[1]?.headers.get("authorization")).toBe("Bearer access-7")
    expect(JSON.parse(await readFile(settings.tokenFile, "utf8"))).toMatchObject({ refresh_token: "refresh-7" })
    expect(written.records).toBe(1)
    expect(calls).toMatchObject([
      { name: "auth.set", options: { path: { id: "alibaba" }, body: { type: "oauth", access: "access-7" } } },
    ])
  })

  it("is sent once more with a refreshed token when the token is rejected", async () => {
    const { send, seen } = await setUp({ record: ACCOUNT, replies: [rejected, renewal(7), answer] })
    expect(await send("account")).toMatchObject({ status: 200 })
    expect(seen()).toEqual([
      "POST https://portal.qwen.ai/v1/chat/completions",
      "POST https://chat.qwen.ai/api/v1/oauth2/token",
      "POST https://portal.qwen.ai/v1/chat/completions",
    ])
  })

  it("after the end of the free tier returns what to do instead, and OpenCode does not retry", async () => {
    const { send } = await setUp({ record: ACCOUNT, replies: [rejected, renewal(7), rejected] })
    const { status, body, text } = await send("account")
    expect([status, body.error.code]).toEqual([403, "free_tier_ended"])
    expect(messageIn(body)).toContain('opencode auth login -p alibaba -m "Model Studio API key"')
    expect(retryWordIn(text)).toBeUndefined()
  })

  it.each([
    [
      "signed out",
      undefined,
      401,
      "authentication_required",
      "Authentication required. Please run: opencode auth login",
    ],
    ["replaced by a key", keyRecord(endpointOf(CODING_PLAN)), 403, "sign_in_changed", /Restart OpenCode to use it\.$/],
    ["replaced by OpenCode's own key", { type: "api", key: "sk-1" }, 403, "sign_in_changed", /Restart OpenCode/],
  ])("whose sign-in was %s meanwhile returns that, and nothing is sent", async (_, record, status, code, message) => {
    const { send, platform, host, settings } = await setUp({ record: ACCOUNT })
    await leaveSignIn(settings.tokenFile, credential())
    host.record = record
    const response = await send("account")
    expect([response.status, response.body.error.code]).toEqual([status, code])
    expect(messageIn(response.body)).toMatch(message)
    expect(platform.requests).toEqual([])
  })

  it("puts no token into the log, whatever happens", async () => {
    const record = { type: "oauth", ...accountEntry(expiring(MINUTE)) }
    for (const replies of [
      [renewal(7), rejected, renewal(8), rejected],
      [networkError(), answer],
    ]) {
      const { send, platform } = await setUp({ record, replies })
      const { text } = await send("account")
      for (const shown of [text, JSON.stringify(platform.logged)]) expect(shown).not.toMatch(/(access|refresh)-\d/)
    }
  })
})

describe("a request with the key in OpenCode's record", () => {
  it.each([endpointOf(CODING_PLAN), endpointOf(TOKEN_PLAN, 1), endpointOf(PAY_AS_YOU_GO, 2)])(
    "goes to the key's own endpoint, with OpenCode's name and body: $plan, $region",
    async (endpoint) => {
      const { send, platform } = await setUp({ record: keyRecord(endpoint), replies: [answer] })
      expect(await send("key")).toMatchObject({ status: 200, body: ANSWER })
      const [request] = platform.requests
      expect(request?.url).toBe(`${endpoint.baseUrl}/chat/completions`)
      expect(request?.headers.get("authorization")).toBe(`Bearer ${PLAN_KEY}`)
      expect(request?.headers.get("user-agent")).toBe("opencode/1.18.33")
      expect(request?.headers.get("x-dashscope-authtype")).toBeNull()
      expect(request?.headers.get("x-dashscope-cachecontrol")).toBe("enable")
      const marked = { type: "text", text: "hello", cache_control: { type: "ephemeral" } }
      // The model never thinks, so the effort is not sent.
      const { reasoning_effort, ...rest } = CHAT
      expect(JSON.parse(String(request?.body))).toEqual({ ...rest, messages: [{ role: "user", content: [marked] }] })
    },
  )

  it("detects its endpoint with the first request and caches it", async () => {
    const endpoint = endpointOf(TOKEN_PLAN, 1)
    const lists = endpointReplies([endpoint, accepting("qwen3.7-plus")])
    const {
      send,
      seen,
      endpoints: known,
    } = await setUp({
      record: unresolvedKeyRecord(),
      rest: (request) => (request.url.endsWith("/models") ? lists : answer)(request),
      autoAdvance: false,
    })
    expect(await send("key")).toMatchObject({ status: 200 })
    expect(known.entries.get(PLAN_KEY)).toMatchObject(endpoint)
    const sentBefore = seen().length
    expect(await send("key")).toMatchObject({ status: 200 })
    expect(seen().slice(sentBefore)).toEqual([`POST ${endpoint.baseUrl}/chat/completions`])
  })

  it("that no endpoint accepts returns that, and OpenCode does not retry", async () => {
    const { send } = await setUp({ record: unresolvedKeyRecord(), rest: endpointReplies(), autoAdvance: false })
    const { status, body, text } = await send("key")
    expect([status, body.error.code]).toEqual([401, "api_key_rejected"])
    expect(messageIn(body)).toMatch(/Run: opencode auth login$/)
    expect(text).not.toContain(PLAN_KEY)
    expect(retryWordIn(text)).toBeUndefined()
  })

  it("is never sent to an address outside Model Studio", async () => {
    const record = keyRecord({ ...endpointOf(PAY_AS_YOU_GO), baseUrl: "https://evil.test/v1" }, "sk-12345678")
    const { send, platform } = await setUp({ record })
    expect(await send("key")).toMatchObject({ status: 403, body: { error: { code: "invalid_endpoint" } } })
    expect(platform.requests).toEqual([])
  })

  it.each([
    ["signed out", undefined, 401, "authentication_required"],
    ["replaced by an account", ACCOUNT, 403, "sign_in_changed"],
    ["replaced by OpenCode's own", { type: "api", key: "sk-1" }, 403, "sign_in_changed"],
  ])("that was %s meanwhile returns that", async (_, record, status, code) => {
    const { send, host, platform } = await setUp({ record: keyRecord(endpointOf(CODING_PLAN)) })
    host.record = record
    const response = await send("key")
    expect([response.status, response.body.error.code]).toEqual([status, code])
    expect(platform.requests).toEqual([])
  })

  it("before OpenCode has loaded the provider requires a sign-in", async () => {
    const { send } = await setUp({})
    expect(await send("key")).toMatchObject({ status: 401, body: { error: { code: "authentication_required" } } })
  })

  it("keeps the text of a rate limit, so that OpenCode retries", async () => {
    const limited = apiError(429, "Throttling", "Requests rate limit exceeded")
    const { send } = await setUp({ record: keyRecord(endpointOf(PAY_AS_YOU_GO), "sk-12345678"), replies: [limited] })
    const { status, text } = await send("key")
    expect(status).toBe(429)
    expect(retryWordIn(text)).toBeDefined()
  })
})

describe("a request with a key in the environment", () => {
  it("goes to its plan's endpoint", async () => {
    const endpoint = endpointOf(CODING_PLAN, 1)
    const lists = endpointReplies([endpoint, accepting("qwen3.7-plus")])
    const { send, seen } = await setUp({
      environment: { BAILIAN_CODING_PLAN_API_KEY: PLAN_KEY },
      rest: findingKeys(lists, answer),
      autoAdvance: false,
    })
    expect(await send("environment")).toMatchObject({ status: 200, body: ANSWER })
    expect(seen().filter((each) => each.includes("token-plan"))).toEqual([])
    expect(seen().at(-1)).toBe(`POST ${endpoint.baseUrl}/chat/completions`)
  })

  it("that is malformed returns the variable's name, and nothing is sent", async () => {
    const { send, platform } = await setUp({ environment: { BAILIAN_TOKEN_PLAN_API_KEY: "my secret" } })
    const { status, body, text } = await send("environment")
    expect([status, body.error.code]).toEqual([401, "api_key_malformed"])
    expect(messageIn(body)).toMatch(/^BAILIAN_TOKEN_PLAN_API_KEY: This is not a valid Model Studio API key/)
    expect(text).not.toContain("secret")
    expect(platform.requests).toEqual([])
  })

  it.each([
    [
      "belongs to another plan",
      endpointReplies([endpointOf(TOKEN_PLAN, 1), accepting("qwen3.7-plus")]),
      "This API key belongs to Token Plan",
    ],
    ["works nowhere", endpointReplies(), "Qwen Cloud (Model Studio) does not accept this API key"],
  ])("that %s returns the variable's name and the remedy, without the key", async (_, rest, message) => {
    const { send, platform } = await setUp({ environment: { BAILIAN_CODING_PLAN_API_KEY: PLAN_KEY }, rest })
    const { status, body, text } = await send("environment")
    expect(status).toBe(401)
    expect(messageIn(body)).toContain(`BAILIAN_CODING_PLAN_API_KEY: ${message}`)
    expect(messageIn(body)).toMatch(/ Correct the variable, or remove it and sign in\.$/)
    for (const shown of [text, JSON.stringify(platform.logged)]) expect(shown).not.toContain(PLAN_KEY)
    expect(retryWordIn(text)).toBeUndefined()
  })

  it("that cannot be checked now is not reported as wrong", async () => {
    const { send } = await setUp({ environment: { BAILIAN_CODING_PLAN_API_KEY: PLAN_KEY }, rest: networkError() })
    const { status, text } = await send("environment")
    expect(status).toBe(503)
    expect(text).not.toContain("BAILIAN")
  })

  it("that is not set requires a sign-in", async () => {
    const { send } = await setUp({})
    expect(await send("environment")).toMatchObject({ status: 401 })
  })
})

describe("a sign-in that is shared with Qwen Code", () => {
  const shared = { credentials: "qwen-code" }

  it("uses Qwen Code's file for requests", async () => {
    const home = await temporaryFolder()
    await leaveSignIn(qwenCodeFileIn(home), credential({ accessToken: "access-of-qwen-code", expiresAt: START + 9e9 }))
    const { send, platform } = await setUp({ home, record: ACCOUNT, options: shared, replies: [answer] })
    expect(await send("account")).toMatchObject({ status: 200 })
    expect(platform.requests[0]?.headers.get("authorization")).toBe("Bearer access-of-qwen-code")
  })

  it("gives Qwen Code 3 seconds to store the result of the same refresh token", async () => {
    const home = await temporaryFolder()
    const stale = expiring(-MINUTE)
    await leaveSignIn(qwenCodeFileIn(home), stale)
    const { send, platform } = await setUp({
      home,
      record: { type: "oauth", ...accountEntry(stale) },
      options: shared,
      replies: [
        async (request) => {
          const stored = credential({ accessToken: "access-of-qwen-code", refreshToken: "refresh-of-qwen-code" })
          const sleep = platform.sleep
          // Qwen Code stores the new token a moment after the refusal.
          platform.sleep = async (ms, signal) => {
            await leaveSignIn(qwenCodeFileIn(home), stored)
            return sleep(ms, signal)
          }
          return json(DEAD_REFRESH_TOKEN, 400)(request)
        },
        answer,
      ],
    })
    expect(await send("account")).toMatchObject({ status: 200 })
    expect(platform.requests.at(-1)?.headers.get("authorization")).toBe("Bearer access-of-qwen-code")
  })
})

it("can be reused from the stored file, whatever OpenCode's record says", async () => {
  const { services, host, settings } = await setUp({ record: ACCOUNT })
  await leaveSignIn(settings.tokenFile, credential())
  host.record = undefined
  expect(await services.storedAccount().getCredential()).toEqual(credential())
})
