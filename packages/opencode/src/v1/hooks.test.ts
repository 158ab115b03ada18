import { existsSync, readdirSync } from "node:fs"
import type { Config, Hooks } from "@opencode-ai/plugin"
import { CODING_PLAN, PAY_AS_YOU_GO } from "qwen-auth-core/internal"
import { type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { accepting, endpointOf, endpointReplies, findingKeys } from "qwen-auth-testing/key-endpoints"
import { json, silence } from "qwen-auth-testing/replies"
import { credential, STARTED } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { afterEach, describe, expect, it, vi } from "vitest"
import { createHooks } from "./hooks.ts"
import { accountEntry, keyEntry } from "./host/host-record.ts"
import { createPlugin } from "./load-plugin.ts"
import { authorized, validated } from "./testing/authorized.ts"
import { fakeHost } from "./testing/fake-host.ts"
import { messageOf } from "./testing/message-of.ts"
import { ownModels } from "./testing/own-models.ts"
import { settingsIn } from "./testing/settings-in.ts"
import { leaveSignIn } from "./testing/sign-in-set-up.ts"

const temporaryFolder = temporaryFolders()
afterEach(() => void vi.useRealTimers())

const CHAT_URL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"
const POST = { method: "POST", body: '{"model":"coder-model","messages":[]}' }
const ANSWER = json({ choices: [] })
const KEY = "sk-sp-key-of-the-test"
const ENDPOINT = endpointOf(CODING_PLAN)
const ENVIRONMENT = { BAILIAN_CODING_PLAN_API_KEY: KEY }

type Loader = NonNullable<NonNullable<Hooks["auth"]>["loader"]>
type Entry = Awaited<ReturnType<Parameters<Loader>[0]>>

const ACCOUNT: Entry = { type: "oauth", ...accountEntry(credential()) }
const KEY_RECORD: Entry = { type: "api", ...keyEntry({ apiKey: KEY, ...ENDPOINT }) }
const FOREIGN: Entry = { type: "api", key: "sk-12345678" }

interface SetUp extends FakePlatformOptions {
  readonly options?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
}

async function setUp({ options = {}, environment = {}, ...rest }: SetUp = {}) {
  const home = await temporaryFolder()
  const platform = fakePlatform({ autoAdvance: false, ...rest })
  const { client, calls } = fakeHost()
  const settings = settingsIn(home, options)
  let loads = 0
  const hooks = createHooks(client, { environment, options, home, temporary: home }, async (each) => {
    loads++
    return createPlugin(platform, each)
  })
  return {
    loads: () => loads,
    home,
    platform,
    calls,
    settings,
    hooks,
    warnings: () => platform.logged.filter(({ level }) => level !== "debug").map(({ message }) => message),
    load: async (entry: Entry) => (await hooks.auth?.loader?.(async () => entry, Object.create(null))) ?? {},
    ask: async (fields: Record<string, unknown> = {}, model?: unknown) => {
      const provider = { id: "alibaba", env: ["DASHSCOPE_API_KEY"], options: {}, ...fields }
      await hooks["chat.params"]?.(Object.assign(Object.create(null), { provider, model }), Object.create(null))
    },
    configured: async () => {
      const config: Config = {}
      await hooks.config?.(config)
      return config.provider?.["alibaba"]
    },
    models: async (auth?: unknown) => {
      const provider = Object.assign(Object.create(null), { id: "alibaba", models: ownModels() })
      return hooks.provider?.models?.(provider, Object.assign(Object.create(null), { auth }))
    },
  }
}

/** Sends a request with the SDK options, as OpenCode's SDK does. */
async function send(options: Record<string, unknown>): Promise<Response> {
  const { fetch } = options
  if (typeof fetch !== "function") throw new Error("expected a fetch")
  const response: unknown = await Reflect.apply(fetch, undefined, [CHAT_URL, POST])
  if (!(response instanceof Response)) throw new Error("expected a response")
  return response
}

describe("OpenCode's start", () => {
  it("reads no file, sends no request and writes nothing while the user is signed out", async () => {
    const { hooks, home, platform, calls, warnings, configured, models, loads } = await setUp()
    await configured()
    await models()
    expect(hooks.auth?.methods).toHaveLength(3)
    await settle()
    expect([platform.requests, warnings(), calls, loads()]).toEqual([[], [], [], 0])
    expect(readdirSync(home)).toEqual([])
  })

  it.each([
    ["an account", ACCOUNT, {}],
    ["OpenCode's own key", FOREIGN, {}],
    ["OpenCode's own key in the environment", undefined, { DASHSCOPE_API_KEY: "sk-12345678" }],
  ])("does not load the rest with %s", async (_, entry, environment) => {
    const { configured, load, models, loads } = await setUp({ environment })
    await configured()
    if (entry !== undefined) await load(entry)
    await models(entry)
    expect(loads()).toBe(0)
  })

  it("loads the rest once, after 2 s or on first use", async () => {
    vi.useFakeTimers()
    const { ask, load, loads, hooks } = await setUp()
    await vi.advanceTimersByTimeAsync(1_999)
    expect(loads()).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(loads()).toBe(1)
    await load(FOREIGN)
    await ask()
    expect(loads()).toBe(1)
    await hooks.dispose?.()
  })

  it("does not load the rest when OpenCode ends before that", async () => {
    vi.useFakeTimers()
    const { hooks, loads } = await setUp()
    await hooks.dispose?.()
    await vi.advanceTimersByTimeAsync(10_000)
    expect([loads(), vi.getTimerCount()]).toEqual([0, 0])
  })

  it("warns of the former package", async () => {
    const { hooks, warnings } = await setUp()
    await hooks.config?.(Object.assign({}, { plugin: ["opencode-qwen-cli-auth"] }))
    await settle()
    expect(warnings()).toEqual([expect.stringContaining("is still in OpenCode's configuration")])
  })

  it("warns of unknown options once the rest is loaded", async () => {
    const { ask, warnings } = await setUp({ options: { apiBaseURL: "https://a.test" } })
    await expect(ask()).rejects.toThrow("Authentication required.")
    expect(warnings()).toEqual(['Ignoring unknown entries in the plugin\'s options: "apiBaseURL".'])
  })

  it("adds the two aliases and no fetch", async () => {
    expect(await (await setUp()).configured()).toEqual({ models: { "coder-model": {}, "vision-model": {} } })
  })
})

describe("the sign-in that OpenCode loads", () => {
  it("with a Qwen account uses the account for requests", async () => {
    const { load, platform } = await setUp({ replies: [ANSWER] })
    const options = await load(ACCOUNT)
    expect(options).toMatchObject({ apiKey: "", baseURL: "https://portal.qwen.ai/v1" })
    expect((await send(options)).status).toBe(200)
    expect(platform.requests[0]?.headers.get("authorization")).toBe("Bearer access-1")
  })

  it("with a Qwen account prepares bodies before they are serialised", async () => {
    const { load, platform } = await setUp({ replies: [ANSWER] })
    const options = await load(ACCOUNT)
    const { transformRequestBody, fetch } = options
    if (typeof transformRequestBody !== "function" || typeof fetch !== "function") throw new Error("expected both")
    const body: unknown = Reflect.apply(transformRequestBody, undefined, [{ model: "qwen-max", messages: [] }])
    await Reflect.apply(fetch, undefined, [CHAT_URL, { method: "POST", body: JSON.stringify(body) }])
    expect(JSON.parse(String(platform.requests[0]?.body))).toMatchObject({ model: "coder-model" })
    expect(String(platform.requests[0]?.body)).not.toContain("prepared-")
  })

  it("leaves the body alone until the rest is loaded, and then applies the rules", async () => {
    const { load } = await setUp({ replies: [ANSWER] })
    const options = await load(ACCOUNT)
    const { transformRequestBody } = options
    if (typeof transformRequestBody !== "function") throw new Error("expected it")
    const body = { model: "qwen-max", messages: [] }
    expect(Reflect.apply(transformRequestBody, undefined, [body])).toBe(body)
    await send(options)
    expect(Reflect.apply(transformRequestBody, undefined, [body])).toMatchObject({ body: { model: "coder-model" } })
  })

  it("is left alone and logged when its record cannot be read", async () => {
    const { hooks, warnings } = await setUp()
    const broken = () => Promise.reject(new Error("auth.json is broken"))
    expect(await hooks.auth?.loader?.(broken, Object.create(null))).toEqual({})
    await settle()
    expect(warnings()).toEqual(["OpenCode's record of the sign-in could not be read."])
  })

  it("with a key uses the key for requests", async () => {
    const { load, platform } = await setUp({ replies: [ANSWER] })
    expect((await send(await load(KEY_RECORD))).status).toBe(200)
    expect(platform.requests[0]?.url).toBe(`${ENDPOINT.baseUrl}/chat/completions`)
  })

  it("with OpenCode's own key is left to OpenCode", async () => {
    expect(await (await setUp()).load(FOREIGN)).toEqual({})
  })

  it("lists the models that it can use", async () => {
    const { models } = await setUp({ rest: silence })
    expect(await models(ACCOUNT)).toHaveProperty(["qwen3-coder-plus", "api", "id"], "coder-model")
    expect(await models(KEY_RECORD)).toHaveProperty("qwen3-coder-next")
    expect(await models(FOREIGN)).toHaveProperty(["qwen3-coder-plus", "cost", "input"], 1.5)
  })
})

describe("a request without a sign-in", () => {
  it("is refused with how to sign in, until OpenCode has loaded a sign-in", async () => {
    const { ask, load } = await setUp()
    await expect(ask()).rejects.toThrow("Authentication required. Please run: opencode auth login")
    await load(FOREIGN)
    await expect(ask()).resolves.toBeUndefined()
  })

  it("is sent with OpenCode's own key in the environment", async () => {
    const { ask, models } = await setUp({ environment: { DASHSCOPE_API_KEY: "sk-12345678" } })
    await expect(ask()).resolves.toBeUndefined()
    expect(await models()).toHaveProperty(["coder-model", "cost", "input"], 1.5)
  })

  it("is refused whatever other options the user has", async () => {
    const { ask } = await setUp()
    await expect(ask({ options: { timeout: 600_000 } })).rejects.toThrow("Authentication required.")
  })

  it("to another provider is not checked", async () => {
    await expect((await setUp()).ask({ id: "openai" })).resolves.toBeUndefined()
  })
})

describe("a setup that the service would refuse is explained before the prompt is sent", () => {
  const ANTHROPIC = { api: { npm: "@ai-sdk/anthropic", url: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1" } }

  it("a plan's key in OpenCode's variable or record for pay as you go", async () => {
    const { ask } = await setUp({ environment: { DASHSCOPE_API_KEY: KEY } })
    await expect(ask()).rejects.toThrow("is a plan's key (sk-sp-…)")
    const stored = await setUp()
    await stored.load({ type: "api", key: KEY })
    await expect(stored.ask({ key: KEY })).rejects.toThrow("is a plan's key (sk-sp-…)")
  })

  it("the SDK for Anthropic's format, with a sign-in", async () => {
    const { ask, load } = await setUp()
    const options = await load(KEY_RECORD)
    await expect(ask({ options }, ANTHROPIC)).rejects.toThrow('Remove "npm" from provider.alibaba')
    await expect(ask({ options })).resolves.toBeUndefined()
  })
})

describe("a plan's key in the environment", () => {
  it("is used for requests, and no sign-in is required", async () => {
    const lists = endpointReplies([ENDPOINT, accepting("qwen3.7-plus")])
    const rest = findingKeys(lists, ANSWER)
    const { configured, ask, models, platform } = await setUp({ environment: ENVIRONMENT, rest })
    const options = (await configured())?.options ?? {}
    await expect(ask({ options })).resolves.toBeUndefined()
    expect(await models()).toHaveProperty("qwen3-coder-next")
    expect((await send(options)).status).toBe(200)
    expect(platform.requests.at(-1)?.url).toBe(`${ENDPOINT.baseUrl}/chat/completions`)
  })

  it("gives way to a sign-in, although OpenCode's configuration has its fetch", async () => {
    const { configured, load, platform } = await setUp({ environment: ENVIRONMENT, replies: [ANSWER] })
    const options = (await configured())?.options ?? {}
    await load(ACCOUNT)
    await send(options)
    expect(platform.requests[0]?.headers.get("authorization")).toBe("Bearer access-1")
  })
})

describe("the sign-in methods", () => {
  it("are listed again each time", async () => {
    const { hooks, settings } = await setUp()
    expect(hooks.auth?.methods.map(({ label }) => label)).toHaveLength(3)
    await leaveSignIn(settings.tokenFile, credential())
    expect(hooks.auth?.methods.map(({ label }) => label)).toHaveLength(4)
  })

  it("validate the key in its prompt without loading the rest", async () => {
    const { hooks, loads } = await setUp()
    const method = hooks.auth?.methods.find(({ label }) => label === "Model Studio API key")
    if (method?.type !== "oauth") throw new Error("expected a method of ours")
    expect(validated(method, "key", "no key")).toContain("This is not a valid Model Studio API key.")
    expect(validated(method, "host", "evil.test")).toContain("is not a Model Studio API address")
    expect(loads()).toBe(0)
  })

  it("cancel each other, although OpenCode lists them again each time", async () => {
    const { hooks } = await setUp({ rest: json(STARTED) })
    const begin = (at: number) => {
      const method = hooks.auth?.methods[at]
      if (method?.type !== "oauth") throw new Error("expected a method of ours")
      return authorized(method.authorize({}))
    }
    const first = messageOf((await begin(0)).callback())
    const second = await begin(1)
    expect(await first).toBe("Cancelled.")
    const waiting = messageOf(second.callback())
    await begin(0)
    expect(await waiting).toBe("Cancelled.")
    await hooks.dispose?.()
  })

  it("share the credential of the requests, so a new sign-in is used immediately", async () => {
    const { hooks, load, platform } = await setUp({
      autoAdvance: true,
      replies: [
        json(STARTED),
        json({ access_token: "access-9", refresh_token: "refresh-9", expires_in: 21_600 }),
        ANSWER,
      ],
    })
    const [method] = hooks.auth?.methods ?? []
    if (method?.type !== "oauth") throw new Error("expected a method of ours")
    const options = await load(ACCOUNT)
    await (await authorized(method.authorize())).callback()
    await send(options)
    expect(platform.requests.at(-1)?.headers.get("authorization")).toBe("Bearer access-9")
  })
})

describe("the end of OpenCode", () => {
  it("cancels the waiting sign-in and the request for the list of models", async () => {
    const lists: typeof ANSWER = (request) => (request.url.endsWith("/models") ? silence : json(STARTED))(request)
    const { hooks, models, platform } = await setUp({ rest: lists })
    const [method] = hooks.auth?.methods ?? []
    if (method?.type !== "oauth") throw new Error("expected a method of ours")
    const waiting = messageOf((await authorized(method.authorize())).callback())
    const endpoint = endpointOf(PAY_AS_YOU_GO)
    await models({ type: "api", ...keyEntry({ apiKey: "sk-12345678", ...endpoint }) })
    await settle()
    await hooks.dispose?.()
    expect(await waiting).toBe("Cancelled.")
    await settle()
    expect(platform.requests.at(-1)?.signal?.aborted).toBe(true)
    expect(platform.openWaits()).toBe(0)
  })

  it("does nothing when nothing waits, and may come twice", async () => {
    const { hooks } = await setUp()
    await expect(hooks.dispose?.()).resolves.toBeUndefined()
    await expect(hooks.dispose?.()).resolves.toBeUndefined()
  })
})

it("a cache does not create OpenCode's folder in the home folder", async () => {
  const lists = endpointReplies([ENDPOINT, accepting("qwen3.7-plus")])
  const rest = findingKeys(lists, ANSWER)
  const { configured, home } = await setUp({ environment: ENVIRONMENT, rest })
  expect((await send((await configured())?.options ?? {})).status).toBe(200)
  expect(existsSync(`${home}/.opencode`)).toBe(false)
})
