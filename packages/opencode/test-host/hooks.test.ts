import { settle } from "qwen-auth-testing/gate"
import { describe, expect, test } from "vitest"
import { type HostBehaviour, newest, oldest } from "./behaviour.ts"
import { bodyOf, CODER, hooks, hostWith, pluginModule, refusal, replies, signedIn, stream } from "./plugin-fixture.ts"
import type { HookEvent, PluginContext } from "./types.ts"

const ok = async () => stream("hello")

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

  test("whose registration never resolves delay the sessions of a setup that awaits it", async () => {
    const behaviour = { ...newest, httpRequestRegistration: "never-resolves" } as const
    const { host } = await hostWith(() => {}, { behaviour, fetch: ok })
    void host.install(pluginModule(hooks(["http.request", () => {}]), "second"))
    await settle()
    const result = host.prompt("s", "hi", CODER).then(() => "answered")
    expect(await Promise.race([result, settle().then(() => "waits")])).toBe("waits")
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
