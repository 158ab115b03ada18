import { gate, settle } from "qwen-auth-testing/gate"
import { describe, expect, test } from "vitest"
import { type HostBehaviour, newest, oldest } from "./behaviour.ts"
import { memoryDatabase } from "./database.ts"
import {
  bodyOf,
  CHAT,
  CODER,
  hooks,
  hostWith,
  oauth,
  pluginModule,
  refusal,
  replies,
  signedIn,
  signsIn,
  stream,
} from "./plugin-fixture.ts"
import type { HookEvent, Key, Model, OAuth, PluginContext } from "./types.ts"

const ok = async () => stream("hello")
const COMPATIBLE = { model: "alibaba/coder-model" } as const

const coder =
  (change: (model: Model) => void = () => {}) =>
  async ({ provider }: PluginContext) => {
    await provider.transform((editor) => editor.models.update("alibaba", "coder-model", change))
  }

function databaseWith(value: OAuth | Key) {
  const database = memoryDatabase()
  database.credentials.push({ id: "cred_0", integrationID: "alibaba", label: "A", value })
  return database
}

describe("a body", () => {
  test("of a model whose id begins with qwen carries cache marks in arrays", async () => {
    const { host } = await signedIn(() => {}, { fetch: ok })
    await host.prompt("s", "hi", { ...CODER, tools: [{ name: "read", run: () => "" }] })
    const cache_control = { type: "ephemeral" }
    expect(bodyOf(host)).toEqual({
      model: "qwen3-coder-plus",
      messages: [
        {
          role: "system",
          content: [
            { type: "text", text: "You are OpenCode, an agent for code.", cache_control },
            { type: "text", text: "Working directory: /project", cache_control },
          ],
        },
        { role: "user", content: [{ type: "text", text: "hi", cache_control }] },
      ],
      tools: [{ type: "function", function: { name: "read", description: "read", parameters: { type: "object" } } }],
      tool_choice: "auto",
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 32_000,
    })
  })

  test("of another model is plain text, its system parts joined", async () => {
    const { host } = await signedIn(coder(), { fetch: ok })
    await host.prompt("s", "hi", { ...COMPATIBLE, images: ["data:image/png;base64,AA=="], options: { temperature: 0 } })
    expect(bodyOf(host)).toMatchObject({
      temperature: 0,
      messages: [
        { role: "system", content: "You are OpenCode, an agent for code.\nWorking directory: /project" },
        {
          role: "user",
          content: [
            { type: "text", text: "hi" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
          ],
        },
      ],
    })
  })

  test("of a message with an image carries the cache mark on its last part alone", async () => {
    const { host } = await signedIn(() => {}, { fetch: ok })
    await host.prompt("s", "hi", { ...CODER, images: ["data:image/png;base64,AA=="] })
    const [, { content } = { content: [] }] = Object(bodyOf(host)["messages"])
    expect(content.map((part: object) => "cache_control" in part)).toEqual([false, true])
  })

  test.each([
    ["title", false],
    ["generate", false],
    ["compact", true],
  ] as const)("of %s has max_completion_tokens: %s", async (kind, limited) => {
    const { host } = await signedIn(() => {}, { fetch: ok })
    await (kind === "compact"
      ? host.compact("s", CODER)
      : kind === "title"
        ? host.title("s", "hi", CODER)
        : host.generate("hi", CODER))
    expect("max_completion_tokens" in bodyOf(host)).toBe(limited)
  })

  test.each([
    [true, { qwenAuth: "1", plan: "coding" }],
    [false, {}],
  ])("gets a key's metadata: %s", async (keyMetadataInBody, fields) => {
    const metadata = { qwenAuth: "1", plan: "coding" }
    const { host } = await hostWith(coder(), {
      fetch: ok,
      database: databaseWith({ type: "key", key: "sk", metadata, configuration: { size: "big" } }),
      behaviour: { ...newest, keyMetadataInBody },
    })
    await host.prompt("s", "hi", COMPATIBLE)
    const { qwenAuth, plan, size } = bodyOf(host)
    expect({ qwenAuth, plan, size }).toEqual({ ...fields, size: undefined })
  })

  test("gets no field from an account's metadata, but the provider options that it names", async () => {
    const metadata = { plan: "coding", enableThinking: true, thinkingBudget: 9, accountID: "a" }
    const { host } = await hostWith(coder(), { fetch: ok, database: databaseWith(oauth({ metadata })) })
    await host.prompt("s", "hi", COMPATIBLE)
    expect(bodyOf(host)).toMatchObject({ enable_thinking: true, thinking_budget: 9 })
    expect(host.requests[0]?.body).not.toMatch(/plan|accountID|coding/)
  })

  test("is not sent with a provider option of the wrong type", async () => {
    const database = databaseWith(oauth({ metadata: { thinking: "yes" } }))
    const { host } = await hostWith(() => {}, { fetch: ok, database })
    expect((await host.prompt("s", "hi", CODER)).error).toMatchObject({
      message: "Invalid provider option thinking",
      retryable: false,
    })
  })
})

describe("settings", () => {
  test("are merged from provider, model, variant, metadata and form answers, in this order", async () => {
    const steps = ["provider", "model", "variant", "metadata", "configuration"]
    for (const [last, step] of steps.entries()) {
      const at = (n: number) => (n <= last ? { baseURL: `https://${steps[n]}.test/v1` } : {})
      const { host } = await hostWith(
        async (context) => {
          await context.provider.transform((editor) => {
            editor.update("alibaba", (provider) => {
              provider.settings = at(0)
            })
            editor.models.update("alibaba", "m", (model) => {
              model.settings = at(1)
              model.variants = [{ id: "v", settings: at(2) }]
            })
          })
        },
        { fetch: ok, database: databaseWith({ type: "key", key: "sk", metadata: at(3), configuration: at(4) }) },
      )
      await host.prompt("s", "hi", { model: "alibaba/m#v" })
      expect(host.requests[0]?.url).toBe(`https://${step}.test/v1/chat/completions`)
    }
  })

  test.each<[string, Partial<HostBehaviour>, Record<string, unknown>, string]>([
    [
      "a base URL in an account's metadata",
      {},
      { baseURL: "https://qwen.test/v1" },
      "https://qwen.test/v1/chat/completions",
    ],
    ["a region", {}, { region: "eu" }, "https://eu.region.invalid/compatible-mode/v1/chat/completions"],
    [
      "a region beside a base URL",
      {},
      { region: "eu", baseURL: "https://q.test/v1" },
      "https://q.test/v1/chat/completions",
    ],
    ["a workspace", {}, { workspaceID: "w" }, CHAT.replace("dashscope-intl", "w.dashscope-intl")],
    ["a region, where it decides nothing", { regionDecidesHost: false }, { region: "eu" }, CHAT],
  ])("decide the host by %s", async (_, behaviour, metadata, url) => {
    const { host } = await hostWith(() => {}, {
      fetch: ok,
      database: databaseWith(oauth({ metadata })),
      behaviour: { ...newest, ...behaviour },
    })
    await host.prompt("s", "hi", CODER)
    expect(host.requests[0]?.url).toBe(url)
  })
})

test("the headers name OpenCode, the session and the credential", async () => {
  const { host } = await signedIn(
    coder((model) => {
      model.headers = { "x-model": "1" }
    }),
    { fetch: ok },
  )
  await host.prompt("s1", "hi", COMPATIBLE)
  expect(Object.fromEntries(host.requests[0]?.headers ?? [])).toMatchObject({
    "user-agent": "opencode/latest/2.3.0/cli",
    authorization: "Bearer sk-test",
    "x-opencode-session": "s1",
    "x-model": "1",
  })
})

test.each<[string, boolean, HostBehaviour["keylessRequest"], string | undefined]>([
  ["after an update", true, "missing-credential", "Missing auth credential"],
  ["after an update, on a version that sends", true, "unauthenticated", undefined],
  ["with the package from add", false, "missing-credential", undefined],
])("a request without a credential, %s", async (_, updated, keylessRequest, message) => {
  const enabled = { alibaba: { activation: "enabled" } } as const
  const setup = async ({ provider, session }: PluginContext) => {
    if (updated) await provider.transform((editor) => editor.update("alibaba", () => {}))
    const authorize = ({ headers }: HookEvent) => void Object.assign(headers, { authorization: "Bearer ours" })
    await session.hook("model.request", authorize, { providerID: "alibaba" })
  }
  const { host } = await hostWith(setup, { fetch: ok, providers: enabled, behaviour: { ...newest, keylessRequest } })
  expect((await host.prompt("s", "hi", CODER)).error?.message).toBe(message)
  expect(host.requests.map(({ headers }) => headers.get("authorization"))).toEqual(message === undefined ? [null] : [])
})

describe("hooks", () => {
  test.each(["primary", "compaction", "title", "generate"])("see the kind %s", async (kind) => {
    const seen: unknown[] = []
    const note = (name: string) => [name, (event: HookEvent) => void seen.push([name, event.kind])] as const
    const { host } = await signedIn(
      hooks(note("context"), note("compaction"), note("title"), note("generate"), note("http.request")),
      { fetch: ok },
    )
    if (kind === "primary") await host.prompt("s", "hi", CODER)
    if (kind === "compaction") await host.compact("s", CODER)
    if (kind === "title") await host.title("s", "hi", CODER)
    if (kind === "generate") await host.generate("hi", { ...CODER, sessionID: "s" })
    expect(seen).toEqual([
      [kind === "primary" ? "context" : kind, kind],
      ["http.request", kind],
    ])
  })

  test.each([
    ["title", "tools"],
    ["title", "agent"],
    ["context", "request"],
    ["http.request", "response"],
    ["http.request", "messages"],
  ])("of %s have no %s", async (name, member) => {
    const { host } = await signedIn(hooks([name, (event) => void Reflect.get(event, member)]), { fetch: ok })
    const run = name === "title" ? host.title("s", "hi", CODER) : host.prompt("s", "hi", CODER)
    const message = `event of ${name}.${member} is unknown to OpenCode`
    expect((await run).error).toMatchObject({ type: "unknown", message })
    expect(host.takeViolations()).toEqual([message])
  })

  test.each([
    ["context", "system"],
    ["context", "messages"],
    ["context", "sessionID"],
    ["model.request", "headers"],
    ["http.request", "kind"],
    ["http.response", "request"],
    ["retry", "error"],
  ])("of %s may not write %s", async (name, member) => {
    const { host } = await signedIn(hooks([name, (event) => Object.assign(event, { [member]: undefined })]), {
      fetch: async () => refusal(500, { message: "down" }),
    })
    await host.prompt("s", "hi", CODER)
    expect(host.takeViolations()).toContain(`event of ${name}.${member} is read-only`)
  })

  test("edit system, messages and options in place", async () => {
    const edit = ({ system, messages, options }: HookEvent) => {
      system.push({ type: "text", text: "Tools: none." })
      messages[0]?.content.push({ type: "text", text: " there" })
      options["temperature"] = 1
    }
    const { host } = await signedIn(hooks(["context", edit]), { fetch: ok })
    await host.prompt("s", "hi", CODER)
    expect(bodyOf(host)).toMatchObject({
      temperature: 1,
      messages: [{ content: [{}, {}, { text: "Tools: none." }] }, { content: [{ text: "hi there" }] }],
    })
    await host.prompt("s", "again", CODER)
    // The edits are not kept.
    expect(host.requests[1]?.body.match(/ there/g)).toHaveLength(1)
  })

  test.each(["record", "list"] as const)("rename tools, and invent none: %s", async (hookTools) => {
    const rename = ({ tools }: HookEvent) => {
      if (Array.isArray(tools)) {
        for (const tool of tools) tool["name"] = "read_file"
        tools.push({ name: "invented", description: "", inputSchema: {} })
        return
      }
      Object.assign(tools, { read_file: tools["read"], invented: { description: "", inputSchema: {} } })
      Reflect.deleteProperty(tools, "read")
    }
    const call = { tool_calls: [{ index: 0, id: "1", function: { name: "read_file", arguments: "{}" } }] }
    const fetch = replies(
      () => stream("", "tool_calls", call),
      () => stream("done"),
    )
    const { host } = await signedIn(hooks(["context", rename]), { fetch, behaviour: { ...newest, hookTools } })
    const inputs: string[] = []
    const tools = [{ name: "read", run: (input: string) => `content ${inputs.push(input)}` }]
    expect(await host.prompt("s", "hi", { ...CODER, tools })).toMatchObject({ text: "done", toolRuns: ["read"] })
    expect(bodyOf(host)["tools"]).toMatchObject([{ function: { name: "read_file" } }])
    expect(bodyOf(host, 1)["messages"]).toMatchObject([{}, {}, { tool_calls: [{ id: "1" }] }, { tool_call_id: "1" }])
    expect(host.takeViolations()[0]).toBe("primary: the tool invented is invented")
  })

  test("of model.request change headers and base URL, but not the credential", async () => {
    const change = (event: HookEvent) => {
      event.headers["x-ours"] = "1"
      event.headers["Authorization"] = "Bearer ours"
      event.baseURL = "https://qwen.test/v1/"
    }
    const { host } = await signedIn(hooks(["model.request", change]), { fetch: ok })
    await host.prompt("s", "hi", CODER)
    expect(host.requests[0]?.url).toBe("https://qwen.test/v1/chat/completions")
    const { headers } = host.requests[0] ?? { headers: new Headers() }
    expect([headers.get("x-ours"), headers.get("authorization")]).toEqual(["1", "Bearer sk-test"])
  })

  test.each([
    ["installed", ["a", "b"]],
    ["reversed", ["b", "a"]],
  ] as const)("of several plugins run %s", async (hookOrder, order) => {
    const seen: string[] = []
    const { host } = await signedIn(hooks(["context", () => void seen.push("a")]), {
      fetch: ok,
      behaviour: { ...newest, hookOrder },
    })
    await host.install(pluginModule(hooks(["context", () => void seen.push("b")]), "second"))
    await host.prompt("s", "hi", CODER)
    expect(seen).toEqual(order)
  })

  test("are filtered by provider", async () => {
    const seen: unknown[] = []
    const { host } = await hostWith(hooks(["http.request", ({ model }) => void seen.push(model.providerID)]), {
      fetch: ok,
      providers: { other: { settings: { baseURL: "https://other.test/v1" }, models: { m: {} } } },
    })
    expect((await host.prompt("s", "hi", { model: "other/m" })).text).toBe("hello")
    expect(seen).toEqual([])
  })

  test.each<[string, Partial<HostBehaviour>, string]>([
    ["rejects", { missingHook: "rejects" }, "Unknown hook http.request"],
    ["throws", { missingHook: "throws" }, "Unknown hook http.request"],
    ["is ignored", { missingHook: "ignored" }, ""],
  ])("that are missing: registering %s", async (_, behaviour, failure) => {
    const { host } = await signedIn(hooks(["http.request", () => {}]), {
      fetch: ok,
      behaviour: { ...newest, ...behaviour, missingHooks: ["http.request"] },
    })
    expect(host.failures.join()).toBe(failure)
    expect((await host.prompt("s", "hi", CODER)).text).toBe("hello")
  })

  test("whose registration never resolves keep the sessions waiting that await it in setup", async () => {
    const behaviour = { ...newest, httpRequestRegistration: "never-resolves" } as const
    const { host } = await hostWith(() => {}, { behaviour, fetch: ok })
    void host.install(pluginModule(hooks(["http.request", () => {}]), "second"))
    await settle()
    const turn = host.prompt("s", "hi", CODER).then(() => "answered")
    expect(await Promise.race([turn, settle().then(() => "waits")])).toBe("waits")
  })

  test.each([
    [oldest, []],
    [newest, ["http.request"]],
  ])("of generate exist in newer versions", async (behaviour, names) => {
    const seen: string[] = []
    const setup = async ({ generate, session }: PluginContext) => {
      await session.hook("http.request", () => void seen.push("session"), { providerID: "alibaba" })
      await generate.hook?.("http.request", () => void seen.push("http.request"), { providerID: "alibaba" })
    }
    const { host } = await signedIn(setup, { behaviour, fetch: ok })
    expect((await host.generate("hi", CODER)).text).toBe("hello")
    expect(seen).toEqual(names)
  })
})

describe("http.request", () => {
  test("sees bytes, and what it sets is sent: URL, method, headers and body", async () => {
    const replace = async (event: HookEvent) => {
      const body = await event.request.clone().json()
      const headers = new Headers(event.request.headers)
      headers.set("content-length", "1")
      event.request = new Request("https://qwen.test/v2", {
        method: "PUT",
        headers,
        body: JSON.stringify({ ...Object(body), extra: true }),
      })
    }
    const { host } = await signedIn(hooks(["http.request", replace]), { fetch: ok })
    await host.prompt("s", "hi", CODER)
    expect(host.requests[0]).toMatchObject({ url: "https://qwen.test/v2", method: "PUT" })
    expect(host.requests[0]?.headers.has("content-length")).toBe(false)
    expect(bodyOf(host)).toMatchObject({ model: "qwen3-coder-plus", extra: true })
  })

  test("that uses up the body fails the request", async () => {
    const { host } = await signedIn(hooks(["http.request", async ({ request }) => void (await request.text())]), {
      fetch: ok,
    })
    expect((await host.prompt("s", "hi", CODER)).error).toMatchObject({ type: "unknown", retryable: false })
    expect(host.requests).toHaveLength(0)
  })

  test("that throws is shown as it is, and not retried", async () => {
    const fails = () => {
      throw new Error("our words")
    }
    const { host } = await signedIn(hooks(["http.request", fails]), { fetch: ok })
    expect((await host.prompt("s", "hi", CODER)).error).toMatchObject({ type: "unknown", message: "our words" })
  })

  test.each([
    ["never-aborts", false],
    ["aborts", true],
  ] as const)("has a signal that %s with an interrupted turn", async (requestSignal, aborted) => {
    const interrupt = new AbortController()
    const reached = gate()
    let request: Request | undefined
    let ended = false
    const { host } = await signedIn(
      hooks([
        "http.request",
        (event) => {
          request = event.request
        },
      ]),
      {
        fetch: (_, init) =>
          new Promise((_resolve, reject) => {
            reached.open()
            init?.signal?.addEventListener("abort", () => {
              ended = true
              reject(init.signal?.reason)
            })
          }),
        behaviour: { ...newest, requestSignal },
      },
    )
    const turn = host.prompt("s", "hi", { ...CODER, signal: interrupt.signal })
    await reached.promise
    interrupt.abort()
    expect((await turn).error?.type).toBe("interrupted")
    expect(request?.signal.aborted).toBe(aborted)
    // The host's own fetch ends in any case.
    expect(ended).toBe(true)
  })
})

describe("http.response", () => {
  test.each([
    ["used", "ours"],
    ["ignored", "theirs"],
  ] as const)("sets a response that is %s", async (replacedResponse, text) => {
    const { host } = await signedIn(
      hooks([
        "http.response",
        (event) => {
          event.response = stream("ours")
        },
      ]),
      {
        fetch: async () => stream("theirs"),
        behaviour: { ...newest, replacedResponse },
      },
    )
    expect((await host.prompt("s", "hi", CODER)).text).toBe(text)
  })

  test("can send its request again, because the host has sent a clone", async () => {
    const bodies: string[] = []
    const replay = async (event: HookEvent) => {
      bodies.push(await event.request.text())
      event.response = stream("replayed")
    }
    const { host } = await signedIn(hooks(["http.response", replay]), { fetch: async () => refusal(401, {}) })
    expect((await host.prompt("s", "hi", CODER)).text).toBe("replayed")
    expect(bodies).toEqual([host.requests[0]?.body])
  })

  test("that uses up the body without a replacement fails the request", async () => {
    const { host } = await signedIn(hooks(["http.response", async ({ response }) => void (await response.text())]), {
      fetch: ok,
    })
    expect((await host.prompt("s", "hi", CODER)).error).toMatchObject({ type: "unknown", retryable: false })
  })

  test.each([
    ["fetched", "owned", undefined],
    ["refused", "", "transport"],
  ] as const)("owns the whole exchange by a data: URL that is %s", async (dataUrls, text, type) => {
    const own = new WeakMap<Request, Request>()
    const setup = hooks(
      [
        "http.request",
        (event) => {
          const marker = new Request("data:application/json,{}")
          own.set(marker, event.request)
          event.request = marker
        },
      ],
      [
        "http.response",
        async (event) => {
          const body = await own.get(event.request)?.text()
          event.response = stream(body?.includes('"model":"qwen3-coder-plus"') === true ? "owned" : "lost")
        },
      ],
    )
    const { host } = await signedIn(setup, { fetch: ok, behaviour: { ...newest, dataUrls } })
    const result = await host.prompt("s", "hi", CODER)
    expect([result.text, result.error?.type]).toEqual([text, type])
    expect(new Set(host.requests.map(({ url }) => url))).toEqual(new Set(["data:application/json,{}"]))
  })
})

describe("redirects", () => {
  const redirect = (status: number, location: string) => new Response(null, { status, headers: { location } })

  test.each<[string, string, string | null, string]>([
    ["another host: without Authorization, with the body", "https://else.test/x", null, "https://else.test/x"],
    ["the same host: with both", "/x", "Bearer sk-test", "https://dashscope-intl.aliyuncs.com/x"],
  ])("go to %s", async (_, location, authorization, url) => {
    const setup = hooks([
      "http.request",
      (event) => {
        event.request = new Request(event.request, { redirect: "error" })
      },
    ])
    const { host } = await signedIn(setup, {
      fetch: replies(
        () => redirect(307, location),
        () => stream("hello"),
      ),
    })
    expect((await host.prompt("s", "hi", CODER)).text).toBe("hello")
    const [first, second] = host.requests
    expect(second).toMatchObject({ url, method: "POST", body: first?.body })
    expect(second?.headers.get("authorization")).toBe(authorization)
  })

  test("with 302 lose method and body", async () => {
    const fetch = replies(
      () => redirect(302, "https://else.test/"),
      () => stream("hello"),
    )
    const { host } = await signedIn(() => {}, { fetch })
    await host.prompt("s", "hi", CODER)
    expect(host.requests[1]).toMatchObject({ method: "GET", body: "" })
  })

  test("are returned where the host's fetch does not follow", async () => {
    const statuses: number[] = []
    const { host } = await signedIn(hooks(["http.response", ({ response }) => void statuses.push(response.status)]), {
      fetch: async () => redirect(307, "https://else.test/"),
      behaviour: { ...newest, redirects: "returned" },
    })
    await host.prompt("s", "hi", CODER)
    expect(new Set(statuses)).toEqual(new Set([307]))
    expect(host.requests.every(({ url }) => url === CHAT)).toBe(true)
  })
})

test("a title is asked at the same time as the answer", async () => {
  const both = gate()
  let open = 0
  const fetch = async () => {
    if (++open === 2) both.open()
    await both.promise
    return stream("hello")
  }
  const { host } = await signedIn(signsIn(), { fetch })
  const { text, title } = await host.prompt("s", "hi", { ...CODER, title: true })
  expect([text, title?.text]).toEqual(["hello", "hello"])
})
