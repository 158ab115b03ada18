import { expect, test } from "vitest"
import { newest, oldest } from "./behaviour.ts"
import { contextOf, hostWith, messageOf, signedIn, stream } from "./plugin-fixture.ts"
import type { PluginContext } from "./types.ts"

/** What a touched member gives, and what the host has recorded. */
async function touch(use: (context: PluginContext) => unknown, options = {}) {
  const { context, host } = await contextOf(options)
  const thrown = await messageOf(Promise.resolve().then(() => use(context)))
  return [thrown, host.takeViolations()]
}

test.each<[string, (context: PluginContext) => unknown]>([
  ["context.client", (context) => Reflect.get(context, "client")],
  ["context.app.path", ({ app }) => Reflect.get(app, "path")],
  ["context.location.root", ({ location }) => Reflect.get(location, "root")],
  ["context.agent.transform", (context) => Reflect.get(Object(Reflect.get(context, "agent")), "transform")],
  ["context.integration.add", ({ integration }) => Reflect.get(integration, "add")],
  ["context.integration.connection.set", ({ integration }) => Reflect.get(integration.connection, "set")],
  ["context.session.list", ({ session }) => Reflect.get(session, "list")],
  ["context.storage.clear", ({ storage }) => Reflect.get(storage, "clear")],
])("the unknown member %s throws with its name", async (name, use) => {
  const message = `${name} is unknown to OpenCode`
  expect(await touch(use)).toEqual([message, [message]])
})

test.each<[string, (context: PluginContext) => unknown, string]>([
  ["a domain", (context) => Object.assign(context, { storage: {} }), "context.storage is read-only"],
  ["the version", ({ app }) => Object.assign(app, { version: "9" }), "context.app.version is read-only"],
  ["a definition", ({ app }) => Object.defineProperty(app, "name", {}), "context.app.name cannot be defined"],
])("writing %s throws", async (_, use, message) => {
  expect(await touch(use)).toEqual([message, [message]])
})

test("options and records from get and list are read-only", async () => {
  const { context } = await contextOf()
  expect(await messageOf(Promise.resolve().then(() => Object.assign(context.options, { a: 1 })))).toMatch(/extensible/)
  const seen: unknown[] = []
  await context.provider.transform((editor) => {
    seen.push(editor.get("alibaba"), editor.list()[0])
  })
  expect(seen.slice(0, 2).map((record) => Object.isFrozen(record))).toEqual([true, true])
})

test.each([
  ["oldest", oldest, [undefined, undefined, undefined]],
  ["newest", newest, ["object", "function", "function"]],
])("newer members are looked for before use: %s", async (_, behaviour, types) => {
  const { context, host } = await contextOf({ behaviour })
  const members = [Reflect.get(context, "credential"), context.generate.hook, context.integration.connection.status]
  expect(members.map((member) => (member === undefined ? undefined : typeof member))).toEqual(types)
  expect("credential" in context).toBe(types[0] !== undefined)
  expect(context.app.version).toBe(behaviour.version)
  expect(host.violations).toEqual([])
})

test("a domain that this OpenCode lacks is undefined, and reading it is no violation", async () => {
  const { context, host } = await contextOf({ absent: ["context.session", "context.integration.connection"] })
  expect([context.session, context.integration.connection]).toEqual([undefined, undefined])
  expect(host.violations).toEqual([])
})

test("list and get cross JSON and name the location; active does not", async () => {
  const { context, host } = await contextOf()
  await host.connect("alibaba", "key", undefined, { key: "sk-test" })
  expect(await context.integration.list()).toMatchObject({
    location: { directory: "/project" },
    data: [{ id: "alibaba", methods: [{ type: "key" }, { type: "env", names: ["DASHSCOPE_API_KEY"] }] }],
  })
  expect(await context.integration.get({ integrationID: "alibaba" })).toMatchObject({ data: { id: "alibaba" } })
  expect(await context.provider.get({ providerID: "alibaba" })).toMatchObject({ data: { activation: "auto" } })
  expect(await context.model.list()).toMatchObject({ data: [{ id: "qwen3-coder-plus" }, { id: "qwen3-max" }] })
  expect(await context.integration.connection.active("alibaba")).toMatchObject({ type: "credential", method: "key" })
})

test("storage keeps JSON, for every directory of the database", async () => {
  const { context, host } = await contextOf()
  await context.storage.set("a/1", { n: 1 })
  await context.storage.set("a/2", [true])
  await context.storage.set("b", null)
  expect(await context.storage.get("a/1")).toEqual({ n: 1 })
  expect(await context.storage.scan({ prefix: "a/", limit: 1 })).toEqual([{ key: "a/1", value: { n: 1 } }])
  await context.storage.remove("a/1")
  const other = await contextOf({ database: host.database })
  expect([await other.context.storage.get("a/1"), await other.context.storage.get("a/2")]).toEqual([undefined, [true]])
  expect(await messageOf(context.storage.set("c", () => {}))).toBe("storage.set: the value is not JSON")
})

test("an event stream ends with its signal", async () => {
  const { context, host } = await contextOf()
  const ended = new AbortController()
  const types: string[] = []
  const reading = (async () => {
    for await (const { type } of context.event.subscribe({ signal: ended.signal })) types.push(type)
  })()
  await host.connect("alibaba", "key", undefined, { key: "sk-test" })
  ended.abort()
  await reading
  expect(types).toEqual(["credential.updated", "credential.switched"])
})

test("an event stream with an aborted signal is over", async () => {
  const { context } = await contextOf()
  const types: string[] = []
  for await (const { type } of context.event.subscribe({ signal: AbortSignal.abort() })) types.push(type)
  expect(types).toEqual([])
})

test("a plugin's output on the console is a violation, and other output is not", async () => {
  const { console: terminal } = globalThis
  const { host } = await hostWith(async () => {
    await new Promise((resolve) => setImmediate(resolve))
    terminal.warn("from the plugin")
  })
  expect(host.takeViolations()).toEqual(["The plugin wrote to the console: from the plugin"])
})

test("a hook without providerID is reported", async () => {
  const { host } = await signedIn(async ({ session }) => void (await session.hook("title", () => {})), {
    fetch: async () => stream("hello"),
  })
  expect(host.takeViolations()).toEqual(["session.hook title has no providerID: it sees every provider"])
})
