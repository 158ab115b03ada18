import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as fc from "fast-check"
import type { ApiEndpoint, ApiKeyCredential } from "qwen-auth-core"
import { CODING_PLAN, PAY_AS_YOU_GO, PLANS, TOKEN_PLAN } from "qwen-auth-core/internal"
import { environmentKey } from "qwen-auth-local/environment-key"
import { keyEndpointCache } from "qwen-auth-local/key-endpoint-cache"
import { modelListCache } from "qwen-auth-local/model-list-cache"
import { type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { accepting, endpointOf } from "qwen-auth-testing/key-endpoints"
import { memoryEndpoints, memoryLists } from "qwen-auth-testing/memory-caches"
import { rejected } from "qwen-auth-testing/refusals"
import { after, networkError, silence } from "qwen-auth-testing/replies"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import * as v from "valibot"
import { describe, expect, it } from "vitest"
import { keyModels } from "../../shared/key-models.ts"
import { accountModels, ownModels as forOwnKey, signedOutModels } from "../../shared/provider-models.ts"
import { accountEntry, keyEntry, unresolvedKeyEntry } from "../host/host-record.ts"
import { CompleteModel, ownModels } from "../testing/own-models.ts"
import { type KeyModelListsOptions, keyModelLists } from "./key-model-lists.ts"
import { modelsHook } from "./models-hook.ts"

const temporaryFolder = temporaryFolders()

const KEY = "sk-sp-key-of-the-test"
const OWN = ownModels()
const ACCOUNT = { type: "oauth", ...accountEntry(credential()) }
const FOREIGN = { type: "api", key: "sk-12345678" }

const keyRecord = (endpoint: ApiEndpoint, apiKey = KEY) => {
  const key: ApiKeyCredential = { type: "api_key", apiKey, ...endpoint }
  return { type: "api", ...keyEntry(key) }
}
const unresolvedKeyRecord = (apiKey: string, hint: Parameters<typeof unresolvedKeyEntry>[1] = {}) => ({
  type: "api",
  ...unresolvedKeyEntry(apiKey, hint),
})

interface SetUp extends FakePlatformOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly hasHostKey?: boolean
  readonly endpoints?: ReturnType<typeof memoryEndpoints>
  readonly lists?: ReturnType<typeof memoryLists>
}

function setUp({ environment = {}, hasHostKey = false, ...options }: SetUp = {}) {
  const platform = fakePlatform({ autoAdvance: false, ...options })
  const ending = new AbortController()
  const { endpoints = memoryEndpoints(), lists = memoryLists() } = options
  const key = environmentKey(environment, fakePlatform().log)
  const hook = hookOf({ platform, environmentKey: key, endpoints, lists, signal: ending.signal }, hasHostKey)
  return { platform, ending, endpoints, lists, listModels: (auth?: unknown) => modelsOf(hook, auth) }
}

function hookOf(options: KeyModelListsOptions, hasHostKey = false) {
  const { platform, environmentKey: key } = options
  const lists = keyModelLists(options)
  return modelsHook({
    log: platform.log,
    hasEnvironmentKey: key !== undefined,
    hasHostKey,
    keyModelLists: async () => lists,
  })
}

/** Calls the hook as OpenCode does, and returns the models. */
async function modelsOf(hook: ReturnType<typeof modelsHook>, auth: unknown) {
  const provider = Object.assign(Object.create(null), { id: "alibaba", models: OWN })
  const context = Object.assign(Object.create(null), { auth })
  const models = await hook.models?.(provider, context)
  if (models === undefined) throw new Error("expected models")
  return models
}

const warnings = (platform: ReturnType<typeof fakePlatform>) =>
  platform.logged.filter(({ level }) => level !== "debug").map(({ message }) => message)

describe("the models of the provider", () => {
  it("belong to OpenCode's provider", () => {
    const { platform, endpoints, lists, ending } = setUp()
    const options = { platform, environmentKey: undefined, endpoints, lists, signal: ending.signal }
    expect(hookOf(options).id).toBe("alibaba")
  })

  it("of a signed-out user are OpenCode's own and the account's two", async () => {
    expect(await setUp().listModels()).toEqual(signedOutModels(OWN))
  })

  it("of a Qwen account are answered by its two", async () => {
    expect(await setUp().listModels(ACCOUNT)).toEqual(accountModels(OWN))
  })

  it.each(PLANS)("of a key with an endpoint of the $name are the plan's", async (plan) => {
    for (const endpoint of plan.endpoints) {
      expect(await setUp({ rest: rejected }).listModels(keyRecord(endpoint))).toEqual(
        keyModels(endpoint, OWN, undefined),
      )
    }
  })

  it("of a key are those that its endpoint listed last", async () => {
    const endpoint = endpointOf(TOKEN_PLAN)
    const lists = memoryLists({ [endpoint.baseUrl]: ["qwen3.7-max", "newest-model"] })
    const models = await setUp({ lists }).listModels(keyRecord(endpoint))
    expect(Object.keys(models)).toEqual(["coder-model", "vision-model", "qwen3.7-max", "newest-model"])
  })

  it("of a key whose endpoint an earlier start detected are its plan's", async () => {
    const endpoint = endpointOf(CODING_PLAN, 1)
    const { listModels } = setUp({ endpoints: memoryEndpoints({ [KEY]: endpoint }), rest: rejected })
    expect(await listModels(unresolvedKeyRecord(KEY))).toEqual(keyModels(endpoint, OWN, undefined))
  })

  it.each([
    ["a plan's key", unresolvedKeyRecord(KEY), ["qwen3-coder-next", "deepseek-v4-pro"], ["qwen3-coder-flash"]],
    [
      "a plan's key of a known plan",
      unresolvedKeyRecord(KEY, { plan: "coding-plan" }),
      ["qwen3-coder-next"],
      ["deepseek-v4-pro"],
    ],
    ["another key", unresolvedKeyRecord("sk-12345678"), ["qwen3-coder-flash"], ["qwen3-coder-next", "deepseek-v4-pro"]],
    ["a workspace's key", unresolvedKeyRecord("sk-ws-12345678"), ["qwen3-coder-flash"], ["deepseek-v4-pro"]],
  ])("of %s without an endpoint are those of its likely plans", async (_, auth, there, notThere) => {
    const { listModels, platform } = setUp()
    const models = await listModels(auth)
    expect(Object.keys(models)).toEqual(expect.arrayContaining(["coder-model", "vision-model", ...there]))
    for (const id of notThere) expect(Object.keys(models)).not.toContain(id)
    for (const alias of ["coder-model", "vision-model"]) expect(models).toHaveProperty([models[alias]?.api.id ?? ""])
    expect(platform.requests).toEqual([])
  })

  it.each([FOREIGN, { type: "wellknown", key: "k", token: "t" }])(
    "of a sign-in that is not this plugin's are OpenCode's own, unchanged: %j",
    async (auth) => {
      const { listModels, platform } = setUp()
      const models = await listModels(auth)
      expect(models).toEqual(forOwnKey(OWN))
      for (const [id, entry] of Object.entries(OWN)) expect(models[id]).toBe(entry)
      expect(platform.requests).toEqual([])
    },
  )

  it("of OpenCode's own key in the environment are OpenCode's own, unchanged", async () => {
    expect(await setUp({ hasHostKey: true }).listModels()).toEqual(forOwnKey(OWN))
  })

  it.each([
    ["BAILIAN_CODING_PLAN_API_KEY", CODING_PLAN],
    ["BAILIAN_TOKEN_PLAN_API_KEY", TOKEN_PLAN],
  ])("of a key in %s are its plan's, with or without a detected endpoint", async (variable, plan) => {
    const environment = { [variable]: KEY }
    const endpoint = endpointOf(plan)
    expect(await setUp({ environment, hasHostKey: true }).listModels()).toEqual(keyModels(endpoint, OWN, undefined))
    const lists = memoryLists({ [endpoint.baseUrl]: ["only-this"] })
    const known = setUp({ environment, endpoints: memoryEndpoints({ [KEY]: endpoint }), lists })
    expect(Object.keys(await known.listModels())).toEqual(["coder-model", "vision-model", "only-this"])
  })

  it("of a sign-in take precedence over those of the environment", async () => {
    const environment = { BAILIAN_CODING_PLAN_API_KEY: KEY }
    expect(await setUp({ environment, hasHostKey: true }).listModels(ACCOUNT)).toEqual(accountModels(OWN))
    expect(await setUp({ environment, hasHostKey: true }).listModels(FOREIGN)).toEqual(forOwnKey(OWN))
  })

  it("of a malformed key in the environment are those of a signed-out user; the log has no key", async () => {
    const { listModels, platform } = setUp({ environment: { BAILIAN_CODING_PLAN_API_KEY: "my secret key" } })
    expect(await listModels()).toEqual(signedOutModels(OWN))
    expect(warnings(platform)).toEqual(["The model list could not be built."])
    expect(JSON.stringify(platform.logged)).not.toContain("secret")
  })
})

describe("an old list of models", () => {
  const endpoint = endpointOf(PAY_AS_YOU_GO)
  const auth = keyRecord(endpoint, "sk-12345678")
  const stale = () => memoryLists({ [endpoint.baseUrl]: ["qwen-plus"] }, true)

  it("is used without waiting, and the new list is for the next start", async () => {
    const answered = gate()
    const { listModels, lists, platform } = setUp({
      lists: stale(),
      replies: [after(answered.promise, accepting("qwen-plus", "qwen3-max"))],
    })
    expect(Object.keys(await listModels(auth))).toEqual(["coder-model", "vision-model", "qwen-plus"])
    await settle()
    expect(platform.requests.map(({ url, method }) => `${method} ${url}`)).toEqual([`GET ${endpoint.baseUrl}/models`])
    expect(platform.requests[0]?.headers.get("authorization")).toBe("Bearer sk-12345678")
    answered.open()
    await settle()
    expect(lists.entries.get(endpoint.baseUrl)).toEqual(["qwen-plus", "qwen3-max"])
  })

  it("is requested once per address, however often OpenCode lists the models meanwhile", async () => {
    const answered = gate()
    const { listModels, platform } = setUp({ lists: stale(), rest: after(answered.promise, rejected) })
    const other = keyRecord(endpointOf(TOKEN_PLAN))
    for (let call = 0; call < 12; call++) await Promise.all([listModels(auth), listModels(other)])
    await settle()
    const expected = [endpoint.baseUrl, endpointOf(TOKEN_PLAN).baseUrl].map((baseUrl) => `${baseUrl}/models`)
    expect(platform.requests.map(({ url }) => url)).toEqual(expected)
    answered.open()
    await settle()
    await listModels(auth)
    await settle()
    expect(platform.requests).toHaveLength(3)
  })

  it("is not requested again while it is fresh", async () => {
    const { listModels, platform } = setUp({ lists: memoryLists({ [endpoint.baseUrl]: ["qwen-plus"] }) })
    await listModels(auth)
    await settle()
    expect(platform.requests).toEqual([])
  })

  it.each([
    ["no network", networkError()],
    ["a refusal", rejected],
  ])("stays without a message when there is %s", async (_, reply) => {
    const { listModels, lists, platform } = setUp({ lists: stale(), replies: [reply] })
    await listModels(auth)
    await settle()
    expect(lists.entries.get(endpoint.baseUrl)).toEqual(["qwen-plus"])
    expect(warnings(platform)).toEqual([])
  })

  it("is no longer requested when OpenCode ends", async () => {
    const { listModels, ending, platform } = setUp({ lists: stale(), replies: [silence] })
    await listModels(auth)
    await settle()
    expect(platform.requests[0]?.signal?.aborted).toBe(false)
    ending.abort()
    await settle()
    expect(platform.requests[0]?.signal?.aborted).toBe(true)
    expect(platform.openWaits()).toBe(0)
    expect(warnings(platform)).toEqual([])
  })

  it("is not requested after OpenCode has ended", async () => {
    const { listModels, ending, platform } = setUp({ lists: stale(), rest: silence })
    ending.abort()
    await listModels(auth)
    await settle()
    expect(platform.requests).toEqual([])
  })

  it.each(["https://evil.test/v1", "http://dashscope.aliyuncs.com/v1", "https://dashscope.aliyuncs.com.evil.test/v1"])(
    "is never requested at an address to which a key must not go: %s",
    async (baseUrl) => {
      const { listModels, platform } = setUp({ rest: silence })
      await listModels(keyRecord({ ...endpoint, baseUrl }))
      await settle()
      expect(platform.requests).toEqual([])
    },
  )

  it("is never requested at such an address from the cache either", async () => {
    const endpoints = memoryEndpoints({ [KEY]: { ...endpointOf(CODING_PLAN), baseUrl: "https://evil.test/v1" } })
    const { listModels, platform } = setUp({ rest: silence, endpoints })
    await listModels(unresolvedKeyRecord(KEY))
    await settle()
    expect(platform.requests).toEqual([])
  })

  it.each(["not an address", "//", "sk-1"])("is not requested at an invalid address: %s", async (baseUrl) => {
    const { listModels, platform } = setUp({ endpoints: memoryEndpoints({ [KEY]: { ...endpoint, baseUrl } }) })
    expect(Object.keys(await listModels(unresolvedKeyRecord(KEY)))).toContain("coder-model")
    await settle()
    expect(platform.requests).toEqual([])
  })
})

describe("OpenCode's start", () => {
  const broken = () => Promise.reject(new Error("the disk is broken"))

  it("continues when the caches cannot be read", async () => {
    for (const part of ["endpoints", "lists"] as const) {
      const { platform, ending, endpoints, lists } = setUp()
      const caches = { endpoints, lists, [part]: { ...memoryEndpoints(), ...memoryLists(), find: broken } }
      const hook = hookOf({ platform, environmentKey: undefined, signal: ending.signal, ...caches })
      const auth = part === "endpoints" ? unresolvedKeyRecord(KEY) : keyRecord(endpointOf(CODING_PLAN))
      expect(await modelsOf(hook, auth)).toEqual(signedOutModels(OWN))
      expect(warnings(platform)).toEqual(["The model list could not be built."])
    }
  })

  it("gets complete models, whatever OpenCode's record contains", async () => {
    const keys = fc.record({
      type: fc.constant("api"),
      key: fc.stringMatching(/^sk-(sp-|ws-)?[\w.~+/=-]{11,20}$/),
      metadata: fc.record({
        qwenAuth: fc.constantFrom("resolved", "unresolved"),
        plan: fc.constantFrom("coding-plan", "token-plan", "pay-as-you-go", "gold"),
        region: fc.constantFrom("international", "china", "moon"),
        baseUrl: fc.constantFrom("https://dashscope.aliyuncs.com/v1", "https://a b", "", "x", "https://[::1", "\u00e9"),
      }),
    })
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.anything(), keys, fc.constant(ACCOUNT)), async (auth) => {
        const models = await setUp({ rest: silence }).listModels(auth)
        for (const entry of Object.values(models)) expect(v.is(CompleteModel, entry)).toBe(true)
        expect(Object.keys(models)).toEqual(expect.arrayContaining(["coder-model", "vision-model"]))
      }),
      { numRuns: 30 },
    )
  })

  it("gets complete models, whatever the caches contain", async () => {
    const folder = join(await temporaryFolder(), "cache")
    await mkdir(folder)
    const platform = fakePlatform({ autoAdvance: false, rest: silence })
    const files = ["qwen-key-endpoints.json", "qwen-models.json"].map((name) => join(folder, name))
    // Each run has its own signal, to which its unanswered requests listen.
    const newHook = () =>
      hookOf({
        platform,
        environmentKey: environmentKey({ BAILIAN_TOKEN_PLAN_API_KEY: KEY }, fakePlatform().log),
        endpoints: keyEndpointCache(files[0] ?? "", platform.log),
        lists: modelListCache(files[1] ?? "", platform.now, platform.log),
        signal: new AbortController().signal,
      })
    const endpoint = endpointOf(TOKEN_PLAN)
    const ids = fc.array(
      fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom("qwen-plus", "z-image-turbo")).filter((id) => !(id in {})),
    )
    const lists = fc.record({ fetchedAt: fc.integer({ min: platform.now() - 1e9, max: platform.now() }), ids })
    const content = fc.oneof(
      fc.json(),
      lists.map((list) => JSON.stringify({ [endpoint.baseUrl]: list })),
    )
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constant(undefined), fc.json()), content, async (endpointsText, listsText) => {
        if (endpointsText === undefined) await keyEndpointCache(files[0] ?? "", platform.log).remember(KEY, endpoint)
        else await writeFile(files[0] ?? "", endpointsText)
        await writeFile(files[1] ?? "", listsText)
        const hook = newHook()
        for (const auth of [undefined, keyRecord(endpoint)]) {
          const models = await modelsOf(hook, auth)
          for (const entry of Object.values(models)) expect(v.is(CompleteModel, entry)).toBe(true)
        }
      }),
      { numRuns: 25 },
    )
  })
})
