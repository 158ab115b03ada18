import { type Credential, QwenAuthError, type QwenAuthErrorCode } from "qwen-auth-core"
import { PLANS, TOKEN_PLAN } from "qwen-auth-core/internal"
import { START } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { accepting, endpointOf } from "qwen-auth-testing/key-endpoints"
import { rejected } from "qwen-auth-testing/refusals"
import { json, networkError, page, silence } from "qwen-auth-testing/replies"
import { credential, HOUR, keyCredential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import type { AlmaStorage } from "../host.ts"
import { setUp as setUpParts } from "../testing/set-up.ts"
import { allModels, modelsOf } from "./models.ts"
import { qwenProvider } from "./provider.ts"

type Options = Parameters<typeof setUpParts>[0]

function setUp(stored?: Credential | string, options: Options = {}) {
  const parts = setUpParts({ stored, ...options })
  const { platform, signIn, lists, fetch } = parts
  const ending = new AbortController()
  const calls: string[] = []
  const provider = qwenProvider({
    platform,
    signIn,
    lists,
    fetch,
    login: async () => {
      calls.push("login")
      return { success: true }
    },
    logout: async () => void calls.push("logout"),
    signal: ending.signal,
  })
  const refuse = async (code: QwenAuthErrorCode) => {
    signIn.outcome(undefined, new QwenAuthError(code, "The service refused the request."))
    await settle()
  }
  return { ...parts, provider, ending, calls, refuse }
}

const DONE = json({ choices: [{ message: { content: "hi" } }] })

describe("the provider", () => {
  it("has the definition that Alma registers", () => {
    const { provider } = setUp()
    const { id, name, description, authType, sdkType } = provider
    expect({ id, name, authType, sdkType }).toEqual({
      id: "qwen",
      name: "Qwen (Alibaba)",
      authType: "oauth",
      sdkType: "openai-compatible",
    })
    expect(description).not.toBe("")
  })

  it("sends no request and reads nothing when it is initialized", async () => {
    const { provider, secrets, platform } = setUp(credential())
    await provider.initialize()
    expect([secrets.calls, platform.requests]).toEqual([[], []])
  })

  it("signs in and out", async () => {
    const { provider, calls } = setUp(credential())
    expect(await provider.authenticate()).toEqual({ success: true })
    await provider.logout()
    await provider.removeAccount("qwen")
    expect(calls).toEqual(["login", "logout", "logout"])
  })

  it("gives Alma's SDK a fetch and a base URL, but no secret", async () => {
    const { provider, fetch } = setUp(keyCredential())
    const config = await provider.getSDKConfig()
    expect(config).toEqual({ apiKey: "managed-by-qwen-auth", baseURL: "https://portal.qwen.ai/v1", fetch })
  })

  it("serves the published chat completion with the same fetch", async () => {
    const { provider, platform } = setUp(keyCredential(), { replies: [DONE] })
    const request = { model: "qwen3-coder-plus", messages: [{ role: "user", content: "hello" }] }
    expect(await provider.createChatCompletion(request)).toEqual({ content: "hi" })
    expect(platform.requests[0]?.headers.get("authorization")).toBe(`Bearer ${keyCredential().apiKey}`)
  })

  it("fails a chat completion with the message for an Alma user", async () => {
    const { provider } = setUp()
    const message = await provider
      .createChatCompletion({ model: "m", messages: [] })
      .catch((error: unknown) => `${error}`)
    expect(message).toBe("Error: Authentication required. Run: Login to Qwen (Alibaba)")
  })
})

describe("isAuthenticated", () => {
  it.each<[string, Credential | string | undefined, QwenAuthErrorCode | undefined, boolean]>([
    ["no sign-in", undefined, undefined, false],
    ["no sign-in, after a request", undefined, "authentication_required", false],
    ["an unusable sign-in", "junk", undefined, false],
    ["an account", credential(), undefined, true],
    ["an account whose token expired and can be refreshed", credential({ expiresAt: 0 }), undefined, true],
    ["a key", keyCredential(), undefined, true],
    ["a rate-limited account", credential(), "rate_limited", true],
    ["a key whose quota is used up for now", keyCredential(), "quota_exhausted", true],
    ["an account without network", credential(), "service_unreachable", true],
    ["an account of the ended free tier", credential(), "free_tier_ended", false],
    ["an account whose refresh token was refused", credential(), "token_refresh_failed", false],
    ["an account whose session expired", credential(), "session_expired", false],
    ["a rejected key", keyCredential(), "api_key_rejected", false],
  ])("answers for %s", async (_, stored, refused, expected) => {
    const { provider, refuse } = setUp(stored)
    if (refused !== undefined) await refuse(refused)
    expect(await provider.isAuthenticated()).toBe(expected)
  })

  it("is false while Alma's storage cannot be read, and true afterwards", async () => {
    const { provider, secrets } = setUp(credential())
    secrets.before = () => {
      throw new Error("locked")
    }
    expect(await provider.isAuthenticated()).toBe(false)
    secrets.before = () => {}
    expect(await provider.isAuthenticated()).toBe(true)
  })

  it("is true again after a new sign-in", async () => {
    const { provider, refuse, signIn } = setUp(keyCredential())
    await refuse("api_key_rejected")
    await signIn.setCredential(keyCredential({ apiKey: "sk-sp-another-key" }))
    expect(await provider.isAuthenticated()).toBe(true)
  })
})

describe("the accounts", () => {
  it("are empty without a sign-in", async () => expect(await setUp().provider.getAccounts()).toEqual([]))

  it.each([
    [credential(), "Qwen account"],
    [keyCredential(), "Coding Plan (international)"],
  ])("are one account, whose label has no secret", async (stored, label) => {
    expect(await setUp(stored).provider.getAccounts()).toEqual([{ id: "qwen", label, isRateLimited: false }])
  })

  it("are rate limited for 60 s after the limit was reached", async () => {
    const { provider, refuse, platform } = setUp(keyCredential(), { autoAdvance: false })
    const limited = async () => (await provider.getAccounts()).map(({ isRateLimited }) => isRateLimited)
    await refuse("rate_limited")
    expect(await limited()).toEqual([true])
    platform.pass(59_999)
    expect(await limited()).toEqual([true])
    platform.pass(1)
    expect(await limited()).toEqual([false])
  })

  it("are not rate limited after another error", async () => {
    const { provider, refuse } = setUp(keyCredential())
    await refuse("service_unreachable")
    expect((await provider.getAccounts())[0]).toEqual({
      id: "qwen",
      label: "Coding Plan (international)",
      isRateLimited: false,
    })
  })

  it("name the time when a used-up quota is reset, and have the quota again then", async () => {
    const { provider, platform, signIn } = setUp(keyCredential(), { autoAdvance: false })
    const resetsAt = START + HOUR
    signIn.outcome(undefined, new QwenAuthError("quota_exhausted", "It is used up.", { resetsAt }))
    const quota = async () => (await provider.getAccounts())[0]?.quota
    expect(await quota()).toMatchObject({ models: [{ percentage: 0, resetTime: new Date(resetsAt).toISOString() }] })
    platform.pass(HOUR)
    expect(await quota()).toBeUndefined()
  })

  it("have nothing left after an answer that the quota is used up, until a request succeeds", async () => {
    const { provider, refuse, signIn } = setUp(keyCredential())
    const quota = async () => (await provider.getAccounts())[0]?.quota
    await refuse("quota_exhausted")
    expect(await quota()).toEqual({
      models: [{ name: "Coding Plan (international)", percentage: 0 }],
      lastUpdated: new Date(START).toISOString(),
    })
    await provider.refreshQuotas()
    signIn.outcome(undefined, undefined)
    expect(await quota()).toBeUndefined()
  })
})

describe("the models that Alma looks up", () => {
  const ids = (models: { readonly id: string }[]) => models.map(({ id }) => id)

  it("are all that any sign-in may have, those of the current one first, without a request", async () => {
    for (const stored of [undefined, credential(), keyCredential()]) {
      const { provider, platform } = setUp(stored)
      const models = await provider.getModels()
      const key = stored?.type === "api_key" ? stored : undefined
      expect(models).toEqual(allModels(key, {}))
      const others = PLANS.flatMap(({ endpoints }) => endpoints).flatMap((endpoint) => modelsOf(endpoint))
      expect(ids(models)).toEqual(expect.arrayContaining(ids([...modelsOf(undefined), ...others])))
      expect(platform.requests).toEqual([])
    }
  })

  it.each([
    ["fails", () => Promise.reject(new Error("locked"))],
    ["never answers", () => new Promise(() => {})],
  ])("are listed within a second when the secret storage %s", async (_, before) => {
    const { provider, secrets, platform } = setUp(keyCredential())
    secrets.before = before
    expect(ids(await provider.getModels()).sort()).toEqual(ids(allModels(undefined, {})).sort())
    expect(Math.max(0, ...platform.waits)).toBeLessThanOrEqual(1_000)
  })

  it.each<[string, Partial<AlmaStorage>]>([
    ["fails", { get: () => Promise.reject(new Error("no disk")), set: () => Promise.reject(new Error("no disk")) }],
    ["never answers", { get: () => new Promise(() => {}), set: () => new Promise(() => {}) }],
    ["has something else", { get: async () => ({ "coding-plan": [7], "token-plan": "x" }) }],
  ])("include a fetched list even if Alma's storage %s", async (_, storage) => {
    const { provider } = setUp(keyCredential(), { replies: [accepting("glm-5", "brand-new")], storage })
    expect(ids(await provider.getModels())).not.toContain("brand-new")
    expect(ids(await provider.fetchModels())).toContain("brand-new")
    expect(ids(await provider.getModels())).toContain("brand-new")
  })

  it("include the lists that were fetched with other sign-ins, and after a restart", async () => {
    const before = setUp(keyCredential(), { replies: [accepting("glm-5", "brand-new")] })
    const fetched = await before.provider.fetchModels()
    const storage = before.alma.context.storage.local
    for (const stored of [undefined, credential(), keyCredential(endpointOf(TOKEN_PLAN))]) {
      const models = await setUp(stored, { storage }).provider.getModels()
      expect(models.find(({ id }) => id === "brand-new")).toEqual(fetched.find(({ id }) => id === "brand-new"))
    }
  })
})

describe("the models that Alma fetches", () => {
  it("are those that the key's endpoint lists", async () => {
    const { provider, platform } = setUp(keyCredential(), { replies: [accepting("glm-5", "qwen3-coder-plus")] })
    expect((await provider.fetchModels()).map(({ id }) => id)).toEqual(["qwen3-coder-plus", "glm-5"])
    expect(platform.requests.map(({ url }) => url)).toEqual([`${keyCredential().baseUrl}/models`])
  })

  it.each([undefined, credential()])("are the built-in ones without a key, and no request is sent", async (stored) => {
    const { provider, platform } = setUp(stored)
    expect(await provider.fetchModels()).toHaveLength(8)
    expect(platform.requests).toEqual([])
  })

  it.each([
    ["the network fails", networkError()],
    ["the response does not arrive in time", silence],
    ["a page answers", page(200)],
    ["the key is refused", rejected],
    ["the list is empty", accepting()],
    ["the list has no chat model", accepting("text-embedding-v4")],
    ["the response is malformed", json({ data: 5 })],
  ])("are the built-in ones when %s", async (_, reply) => {
    const { provider, platform } = setUp(keyCredential(), { replies: [reply] })
    expect(await provider.fetchModels()).toEqual(modelsOf(keyCredential()))
    expect(platform.openWaits()).toBe(0)
  })

  it("are no longer requested when the plugin is disposed", async () => {
    const { provider, platform, ending } = setUp(keyCredential(), { autoAdvance: false, replies: [silence] })
    const fetched = provider.fetchModels().then(
      (models) => models.length,
      (error: unknown) => QwenAuthError.isInstance(error) && error.code,
    )
    await settle()
    ending.abort()
    expect([10, "aborted"]).toContain(await fetched)
    expect(platform.openWaits()).toBe(0)
  })
})
