import type { Fetch } from "qwen-auth-core"
import { PreparedBodies } from "qwen-auth-core/internal"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { afterEach, describe, expect, it, vi } from "vitest"
import type { Services } from "../services.ts"
import { providerRequests } from "./provider-requests.ts"

afterEach(() => {
  vi.unstubAllGlobals()
})

const URL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"
const CHAT_URL: RequestInit = { method: "POST", headers: { authorization: "Bearer sk-of-opencode" }, body: "{}" }

/** Records which fetch sends a request, and its arguments. */
function setUp() {
  const sent: { readonly by: string; readonly input: unknown; readonly init: unknown }[] = []
  const through =
    (by: string): Fetch =>
    async (input, init) => {
      sent.push({ by, input, init })
      return new Response(by)
    }
  const fetches = { account: through("account"), key: through("key"), environment: through("environment") }
  const loads = { times: 0 }
  const services = async () => {
    loads.times++
    const fake: Services = Object.assign(Object.create(null), { fetches })
    return fake
  }
  vi.stubGlobal("fetch", through("the SDK itself"))
  const bodies = new PreparedBodies(fakePlatform())
  return { sent, loads, bodies, requests: providerRequests(services, bodies.prepare) }
}

async function send(options: Record<string, unknown>): Promise<Response> {
  const { fetch } = options
  if (typeof fetch !== "function") throw new Error("expected a fetch")
  const response: unknown = await Reflect.apply(fetch, undefined, [URL, CHAT_URL])
  if (!(response instanceof Response)) throw new Error("expected a response")
  return response
}

describe("the options for OpenCode's SDK", () => {
  it("with a Qwen account have the account's fetch, the body rules and no key", async () => {
    const { requests, bodies, sent } = setUp()
    const options = requests.optionsFor("account")
    expect(options).toEqual({
      apiKey: "",
      baseURL: "https://portal.qwen.ai/v1",
      fetch: expect.any(Function),
      transformRequestBody: bodies.prepare,
    })
    await send(options)
    expect(sent).toEqual([{ by: "account", input: URL, init: CHAT_URL }])
  })

  it("with a key have the key's fetch, the body rules and no key", async () => {
    const { requests, bodies, sent } = setUp()
    const options = requests.optionsFor("key")
    expect(Object.keys(options).sort()).toEqual(["apiKey", "baseURL", "fetch", "transformRequestBody"])
    expect(options["transformRequestBody"]).toBe(bodies.prepare)
    await send(options)
    expect(sent.map(({ by }) => by)).toEqual(["key"])
  })

  it.each(["other", "none"] as const)("with %s are empty", (kind) => {
    expect(setUp().requests.optionsFor(kind)).toEqual({})
  })
})

describe("requests with a key in the environment", () => {
  it("are sent with that key while OpenCode has loaded no sign-in", async () => {
    const { requests, sent } = setUp()
    expect(await (await requests.environmentFetch(URL, CHAT_URL)).text()).toBe("environment")
    expect(sent).toEqual([{ by: "environment", input: URL, init: CHAT_URL }])
  })

  it.each([
    ["account", "account"],
    ["key", "key"],
    ["none", "environment"],
    ["other", "the SDK itself"],
  ] as const)("after a sign-in of the kind %s go by %s", async (kind, by) => {
    const { requests, sent } = setUp()
    requests.optionsFor(kind)
    await requests.environmentFetch(URL, CHAT_URL)
    expect(sent).toEqual([{ by, input: URL, init: CHAT_URL }])
  })

  it("are sent unchanged with OpenCode's own key, without loading the services", async () => {
    const { requests, sent, loads } = setUp()
    requests.optionsFor("other")
    await requests.environmentFetch(URL, CHAT_URL)
    expect(sent[0]?.init).toBe(CHAT_URL)
    expect(loads.times).toBe(0)
  })

  it("are sent with the sign-in that OpenCode loaded last", async () => {
    const { requests, sent } = setUp()
    requests.optionsFor("account")
    requests.optionsFor("key")
    await requests.environmentFetch(URL, CHAT_URL)
    expect(sent.map(({ by }) => by)).toEqual(["key"])
  })
})

describe("a request is sent by this plugin", () => {
  it.each(["account", "key"] as const)("with the fetch for a sign-in of the kind %s, once that is loaded", (kind) => {
    const { requests } = setUp()
    const { fetch } = requests.optionsFor(kind)
    expect(requests.sends(fetch)).toBe(true)
    requests.optionsFor("other")
    expect(requests.sends(fetch)).toBe(false)
  })

  it("with the fetch for a key in the environment, unless a key of OpenCode's own is loaded", () => {
    const { requests } = setUp()
    expect(requests.sends(requests.environmentFetch)).toBe(true)
    requests.optionsFor("other")
    expect(requests.sends(requests.environmentFetch)).toBe(false)
  })

  it.each([undefined, globalThis.fetch])("not with %s", (fetch) => {
    const { requests } = setUp()
    expect(requests.sends(fetch)).toBe(false)
    requests.optionsFor("account")
    expect(requests.sends(fetch)).toBe(false)
  })
})

it("nothing is loaded before the first request", async () => {
  const { requests, loads } = setUp()
  const options = requests.optionsFor("account")
  expect(loads.times).toBe(0)
  await send(options)
  expect(loads.times).toBe(1)
})
