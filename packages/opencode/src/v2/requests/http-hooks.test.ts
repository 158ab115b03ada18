import { mkdir, readdir } from "node:fs/promises"
import { join } from "node:path"
import { QwenAuthError } from "qwen-auth-core"
import { eventually } from "qwen-auth-testing/eventually"
import { type Reply, START } from "qwen-auth-testing/fake-platform"
import { empty, firewallPage, json, networkError, silence } from "qwen-auth-testing/replies"
import { credential, DEAD_REFRESH_TOKEN, HOUR, MINUTE, TOKENS } from "qwen-auth-testing/samples"
import { chunk, DONE, events } from "qwen-auth-testing/streams"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { CONNECTION, chatRequest, setUpIn, stored } from "../testing/set-up.ts"

const temporaryFolder = temporaryFolders()
const KEY = "sk-sp-key-of-the-test"
const GOOD = [chunk({ content: "42" }), chunk({}, "stop"), DONE]
const good = events(...GOOD)
const rejected = json({ error: { code: "invalid_api_key", message: "invalid access token or token expired" } }, 401)
const ACCOUNT = stored(credential(), { metadata: { baseURL: "https://portal.qwen.ai/v1" } })

/** The network of OpenCode's own fetch, which must not be used. */
const noNetwork = () => Promise.reject(new Error("OpenCode itself sent the request"))

async function connect(hostCredential: unknown, replies: readonly Reply[], members = {}) {
  const plugin = await setUpIn(await temporaryFolder(), { replies, members })
  plugin.connect(CONNECTION, hostCredential)
  return plugin
}

const errorIn = async (response: Response) => {
  const { error } = JSON.parse(await response.text())
  return { status: response.status, retry: response.headers.get("x-should-retry"), message: String(error.message) }
}

describe("a request with a Qwen account", () => {
  it("goes to the account's host with its token, the plugin's name and the body rules, and returns the stream", async () => {
    const { send, platform } = await connect(ACCOUNT, [good])
    const response = await send(chatRequest("access-1", { reasoning_effort: "high", tools: [] }), noNetwork)

    expect(await response.text()).toBe(GOOD.join(""))
    const [request] = platform.requests
    expect(request?.url).toBe("https://portal.qwen.ai/v1/chat/completions")
    expect(request?.redirect).toBe("manual")
    expect(request?.headers.get("authorization")).toBe("Bearer access-1")
    expect(request?.headers.get("user-agent")).toMatch(/^opencode-alibaba-qwen-cli-auth\//)
    const body = JSON.parse(String(request?.body))
    expect(body).toMatchObject({ model: "coder-model", stream_options: { include_usage: true } })
    expect(body).not.toHaveProperty("tools")
  })

  it("is sent once more with a refreshed token after a 401, and that token replaces OpenCode's from then on", async () => {
    const { send, platform } = await connect(ACCOUNT, [rejected, json(TOKENS), good, good])

    expect((await send(chatRequest("access-1"), noNetwork)).status).toBe(200)
    expect((await send(chatRequest("access-1"), noNetwork)).status).toBe(200)
    const sent = platform.requests.map(({ headers, form }) => headers.get("authorization") ?? form["refresh_token"])
    expect(sent).toEqual(["Bearer access-1", "refresh-1", "Bearer access-2", "Bearer access-2"])
  })

  it("of another account does not use the refreshed token", async () => {
    const plugin = await connect(ACCOUNT, [rejected, json(TOKENS), good, good])
    await plugin.send(chatRequest("access-1"), noNetwork)
    plugin.connect(
      { type: "credential", id: "credential-2" },
      stored(credential({ accessToken: "access-b", refreshToken: "refresh-b" })),
    )
    await plugin.send(chatRequest("access-b"), noNetwork)

    expect(plugin.platform.requests.at(-1)?.headers.get("authorization")).toBe("Bearer access-b")
  })

  it.each([
    ["a resource URL on another host", { baseURL: "https://evil.example/v1" }],
    ["a bucket", { baseURL: "https://bucket.oss-cn-hangzhou.aliyuncs.com/v1" }],
    ["OpenCode 1's field", { enterpriseUrl: "https://evil.example" }],
    ["no text", { baseURL: 7 }],
  ])("does not follow %s in the metadata", async (_, metadata) => {
    const { send, platform } = await connect({ ...ACCOUNT, metadata }, [good])
    await send(chatRequest("access-1", {}, "https://evil.example/v1/chat/completions"), noNetwork)

    expect(platform.requests.map(({ url }) => new URL(url).host)).toEqual(["portal.qwen.ai"])
  })

  it("uses the resource URL that OpenCode 1 stored", async () => {
    const hostCredential = { ...ACCOUNT, metadata: { enterpriseUrl: "dashscope.aliyuncs.com/compatible-mode" } }
    const { send, platform } = await connect(hostCredential, [good])
    await send(chatRequest("access-1"), noNetwork)

    expect(platform.requests[0]?.url).toBe("https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions")
  })
})

describe("a request with a key", () => {
  const plan = { type: "key", key: KEY, configuration: { endpoint: "coding-plan-china" } }

  it("goes to the chosen plan and region with OpenCode's own name", async () => {
    const { send, platform } = await connect(plan, [good])
    await send(chatRequest(KEY, { model: "qwen3-coder-plus" }), noNetwork)

    const [request] = platform.requests
    expect(request?.url).toBe("https://coding.dashscope.aliyuncs.com/v1/chat/completions")
    expect(request?.headers.get("user-agent")).toBe("opencode/latest/2.3.0/cli")
    expect(request?.headers.get("authorization")).toBe(`Bearer ${KEY}`)
  })

  it("goes to the workspace's own host", async () => {
    const host = "ws-1.ap-southeast-1.maas.aliyuncs.com"
    const hostCredential = { type: "key", key: "sk-ws-key-of-the-test", configuration: { endpoint: "workspace", host } }
    const { send, platform } = await connect(hostCredential, [good])
    await send(chatRequest("sk-ws-key-of-the-test"), noNetwork)

    expect(platform.requests[0]?.url).toBe(`https://${host}/compatible-mode/v1/chat/completions`)
  })

  it("is refused with the problem that the form could not detect", async () => {
    const hostCredential = { type: "key", key: KEY, configuration: { endpoint: "workspace", host: "evil.example" } }
    const { send, platform } = await connect(hostCredential, [])

    expect(await errorIn(await send(chatRequest(KEY), noNetwork))).toMatchObject({
      status: 403,
      retry: "false",
      message: expect.stringContaining('"evil.example" is not a Model Studio API address.'),
    })
    expect(platform.requests).toHaveLength(0)
  })

  it("detects plan and region if the user chose that", async () => {
    const hostCredential = { type: "key", key: "sk-key-of-the-test", configuration: { endpoint: "detect" } }
    const plugin = await setUpIn(await temporaryFolder(), {
      rest: ({ url, method }) => {
        if (method === "POST") return events(...GOOD)({} as never)
        const china = new URL(url).host === "dashscope.aliyuncs.com"
        return china ? Response.json({ data: [{ id: "qwen3-max" }] }) : Response.json({ error: {} }, { status: 401 })
      },
    })
    plugin.connect(CONNECTION, hostCredential)
    await plugin.send(chatRequest("sk-key-of-the-test"), noNetwork)

    expect(plugin.platform.requests.at(-1)?.url).toBe(
      "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
    )
  })

  it("of OpenCode 1 keeps its endpoint, and its metadata does not reach the service", async () => {
    const metadata = {
      qwenAuth: "resolved",
      plan: "coding-plan",
      region: "international",
      baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
    }
    const { send, platform } = await connect({ type: "key", key: KEY, metadata }, [good])
    await send(chatRequest(KEY, { ...metadata, temperature: 0 }), noNetwork)

    expect(platform.requests[0]?.url).toBe("https://coding-intl.dashscope.aliyuncs.com/v1/chat/completions")
    const body = JSON.parse(String(platform.requests[0]?.body))
    expect(Object.keys(body)).toEqual(["model", "messages", "stream", "temperature"])
  })

  it("of OpenCode 1 with a foreign address is not sent", async () => {
    const metadata = { qwenAuth: "resolved", plan: "coding-plan", region: "china", baseUrl: "https://evil.example/v1" }
    const { send, platform } = await connect({ type: "key", key: KEY, metadata }, [])

    expect((await errorIn(await send(chatRequest(KEY), noNetwork))).message).toContain("not a Model Studio address")
    expect(platform.requests).toHaveLength(0)
  })

  it("from the console goes to the workspace in its metadata", async () => {
    const metadata = { baseURL: "https://ws-9.cn-beijing.maas.aliyuncs.com/compatible-mode/v1" }
    const hostCredential = {
      type: "oauth",
      methodID: "console",
      access: "sk-ws-of-the-console",
      refresh: "",
      expires: 9e12,
      metadata,
    }
    const { send, platform } = await connect(hostCredential, [good])
    await send(chatRequest("sk-ws-of-the-console"), noNetwork)

    expect(platform.requests[0]?.url).toBe(`${metadata.baseURL}/chat/completions`)
  })

  it("from a plan's variable goes to that plan's cached endpoint", async () => {
    const home = await temporaryFolder()
    await mkdir(join(home, ".opencode"))
    const plugin = await setUpIn(home, { replies: [good] })
    const baseUrl = "https://coding.dashscope.aliyuncs.com/v1"
    await plugin.services.caches.endpoints.remember(KEY, { plan: "coding-plan", region: "china", baseUrl })
    plugin.connect({ type: "env", name: "BAILIAN_CODING_PLAN_API_KEY" })
    await plugin.send(chatRequest(KEY), noNetwork)

    expect(plugin.platform.requests.map(({ url }) => url)).toEqual([`${baseUrl}/chat/completions`])
  })
})

describe("the user's own configuration", () => {
  const own = async () => {
    const sent: string[] = []
    const network = async (request: Request) => {
      sent.push(`${request.headers.get("authorization")} ${new URL(request.url).host}`)
      return new Response("theirs")
    }
    return { sent, network }
  }

  it("leaves a request with a configured key to OpenCode", async () => {
    const { send, platform } = await setUpIn(await temporaryFolder())
    const { sent, network } = await own()

    expect(await (await send(chatRequest("sk-own-key-1234"), network)).text()).toBe("theirs")
    expect(sent).toEqual(["Bearer sk-own-key-1234 dashscope-intl.aliyuncs.com"])
    expect(platform.requests).toHaveLength(0)
  })

  it("leaves a request to a gateway with a key from the environment to OpenCode", async () => {
    const plugin = await setUpIn(await temporaryFolder())
    plugin.connect({ type: "env", name: "DASHSCOPE_API_KEY" }, { type: "key", key: "sk-own-key-1234" })
    const { sent, network } = await own()
    await plugin.send(chatRequest("sk-own-key-1234", {}, "https://gateway.example/v1/chat/completions"), network)

    expect(sent).toEqual(["Bearer sk-own-key-1234 gateway.example"])
  })

  it("sends the key to another host of Model Studio", async () => {
    const plugin = await setUpIn(await temporaryFolder(), { replies: [good] })
    plugin.connect({ type: "env", name: "DASHSCOPE_API_KEY" }, { type: "key", key: "sk-own-key-1234" })
    const url = "https://dashscope-us.aliyuncs.com/compatible-mode/v1/chat/completions"
    await plugin.send(chatRequest("sk-own-key-1234", {}, url), noNetwork)

    expect(plugin.platform.requests.map((request) => request.url)).toEqual([url])
  })
})

describe("without a sign-in", () => {
  it.each([
    ["nothing", undefined],
    ["the token of an account that was removed", "access-1"],
  ])("with %s, nothing is sent", async (_, bearer) => {
    const { send, platform } = await setUpIn(await temporaryFolder())

    expect(await errorIn(await send(chatRequest(bearer), noNetwork))).toEqual({
      status: 403,
      retry: "false",
      message: "Authentication required. Please run: opencode auth login alibaba",
    })
    expect(platform.requests).toHaveLength(0)
  })
})

describe("an unusable response", () => {
  const cases: [string, Reply, { status: number; retry: string | null; message: RegExp }][] = [
    ["a firewall's page with status 200", firewallPage(200), { status: 403, retry: "false", message: /web firewall/ }],
    [
      "an ended free tier",
      json({ error: { code: "insufficient_quota", message: "Free allocated quota exceeded." } }, 403),
      { status: 403, retry: "false", message: /auth login alibaba --method console/ },
    ],
    [
      "a rate limit",
      json({ error: { message: "slow" } }, 429, { "retry-after": "7" }),
      { status: 429, retry: "true", message: /rate limit/ },
    ],
    [
      "a full context",
      json({ error: { code: "invalid_parameter_error", message: "Range of input length should be [1, 983616]" } }, 400),
      { status: 400, retry: null, message: /prompt is too long/ },
    ],
    [
      "a redirect",
      empty(307, { location: "https://evil.example/v1" }),
      { status: 403, retry: "false", message: /redirect to evil\.example/ },
    ],
    ["a gateway that is down", json({}, 502), { status: 502, retry: "true", message: /not available/ }],
    ["a network that is down", networkError(), { status: 503, retry: "true", message: /could not be reached/ }],
  ]

  it.each(cases)("%s is explained, with the decision whether to retry", async (_, reply, expected) => {
    const { send } = await connect(ACCOUNT, [reply])
    const seen = await errorIn(await send(chatRequest("access-1"), noNetwork))

    expect(seen).toEqual({ ...expected, message: expect.stringMatching(expected.message) })
  })

  it("a refused refresh requires a new sign-in", async () => {
    const { send } = await connect({ ...ACCOUNT, expires: START }, [json(DEAD_REFRESH_TOKEN, 400)])

    expect(await errorIn(await send(chatRequest("access-1"), noNetwork))).toMatchObject({ status: 401, retry: "false" })
  })

  it("a service that does not respond is an error before OpenCode's own timeout", async () => {
    const { send, platform } = await connect(ACCOUNT, [silence])
    const answer = send(chatRequest("access-1"), noNetwork)
    await eventually(() => expect(platform.requests).toHaveLength(1))
    platform.pass(5 * MINUTE)

    expect(await errorIn(await answer)).toMatchObject({
      status: 503,
      retry: "true",
      message: expect.stringContaining("did not begin to answer"),
    })
  })

  it("the message names an unusable setting", async () => {
    const problem = new QwenAuthError("invalid_endpoint", "QWEN_API_BASE_URL cannot be used.")
    const { send } = await setUpIn(await temporaryFolder(), { problem })

    expect((await errorIn(await send(chatRequest("access-1"), noNetwork))).message).toBe(problem.message)
  })

  it("an unexpected error is a refusal without a secret", async () => {
    const plugin = await connect(ACCOUNT, [])
    plugin.platform.fetch = () => {
      throw new Error("secret-of-the-test")
    }
    const seen = await errorIn(await plugin.send(chatRequest("access-1"), noNetwork))

    expect(seen.retry).not.toBeNull()
    expect(seen.message).not.toContain("secret-of-the-test")
  })
})

describe("a version of OpenCode that ignores the plugin's response", () => {
  const old = { app: { version: "2.0.1" } }

  it("sends the request itself, to the right host with the right body and credential", async () => {
    const { send, platform } = await connect(ACCOUNT, [], old)
    const sent: Request[] = []
    const response = await send(chatRequest("access-1", { tools: [] }), async (request) => {
      sent.push(request)
      return new Response("streamed")
    })

    expect(await response.text()).toBe("streamed")
    expect(sent[0]?.url).toBe("https://portal.qwen.ai/v1/chat/completions")
    expect(sent[0]?.headers.get("authorization")).toBe("Bearer access-1")
    expect(await sent[0]?.json()).not.toHaveProperty("tools")
    expect(platform.requests).toHaveLength(0)
  })

  it("gets the message of a failure as an error of the hook", async () => {
    const { send } = await setUpIn(await temporaryFolder(), { members: old })

    await expect(send(chatRequest(undefined), noNetwork)).rejects.toThrow(
      "Authentication required. Please run: opencode auth login alibaba",
    )
  })
})

it("OpenCode can still read its request after the hook, and another plugin's copy of the replacement gets the response", async () => {
  const { callbacks, send, platform } = await connect(ACCOUNT, [good, good])
  const request = chatRequest("access-1")
  await send(request, noNetwork)
  expect(request.bodyUsed).toBe(false)

  const event = { request: chatRequest("access-1") }
  await callbacks["http.request"]?.(event)
  const answered = {
    request: new Request(event.request, { headers: { "x-other": "plugin" } }),
    response: Response.json({}),
  }
  await callbacks["http.response"]?.(answered)
  expect(await answered.response.text()).toBe(GOOD.join(""))
  expect(platform.requests).toHaveLength(2)
})

it("two requests with an expired token refresh it once", async () => {
  const hostCredential = { ...ACCOUNT, expires: START + 60_000 }
  const { send, platform } = await connect(hostCredential, [json(TOKENS), good, good])
  await Promise.all([send(chatRequest("access-1"), noNetwork), send(chatRequest("access-1"), noNetwork)])

  expect(platform.requests.map(({ url }) => new URL(url).pathname)).toEqual([
    "/api/v1/oauth2/token",
    "/v1/chat/completions",
    "/v1/chat/completions",
  ])
})

it("a valid token causes no write", async () => {
  const home = await temporaryFolder()
  const plugin = await setUpIn(home, { replies: [good] })
  plugin.connect(CONNECTION, stored(credential({ expiresAt: START + HOUR })))
  await plugin.send(chatRequest("access-1"), noNetwork)

  expect(await readdir(home)).toEqual([])
})
