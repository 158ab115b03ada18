import { describe, expect, test } from "vitest"
import { eachSetting, type HostBehaviour, newest, oldest, SETTINGS } from "./behaviour.ts"
import { START } from "./clock.ts"
import { memoryDatabase } from "./database.ts"
import { authorization, CODER, HOUR_MS, hostWith, messageOf, oauth, stream } from "./plugin-fixture.ts"
import type { HookEvent, PluginContext } from "./types.ts"

/**
 * A plugin that keeps to the reference everywhere: it awaits no hook before its sign-in is registered, looks before use, and works
 * whatever the settings are.
 */
async function careful(context: PluginContext) {
  const { integration, provider, session, event } = context
  await integration.transform((editor) => {
    editor.method.update({
      integrationID: "alibaba",
      method: { id: "oauth", type: "oauth", label: "Qwen" },
      authorize: async () =>
        authorization(Promise.resolve(oauth({ metadata: { baseURL: "https://qwen.test/v1" } })), { device: true }),
      refresh: async (credential) => ({ ...credential, access: "access-2", expires: START + HOUR_MS }),
    })
    const form = [{ key: "plan", type: "string", default: "coding" }]
    editor.method.update({ integrationID: "alibaba", method: { type: "key", label: "API key", form } })
  })
  await provider.transform((editor) => {
    editor.models.update("alibaba", "coder-model", () => {})
  })
  const ended = new AbortController()
  void (async () => {
    for await (const { type } of event.subscribe({ signal: ended.signal })) {
      if (type.startsWith("credential.")) await integration.connection.active("alibaba")
    }
  })()
  const hook = (name: string, callback: (event: HookEvent) => unknown) => {
    // Registering may reject, throw, or never end.
    void Promise.resolve()
      .then(() => session.hook(name, callback, { providerID: "alibaba" }))
      .catch(() => {})
  }
  hook("context", ({ system, tools }) => {
    const names = Array.isArray(tools) ? tools.map(({ name }) => String(name)) : Object.keys(tools)
    system.push({ type: "text", text: `Tools: ${names.join()}` })
  })
  hook("http.request", (given) => {
    const headers = new Headers(given.request.headers)
    headers.set("x-ours", "1")
    given.request = new Request(given.request, { headers })
  })
  return () => ended.abort()
}

const without = ({ missingHooks, httpRequestRegistration }: HostBehaviour, name: string) =>
  missingHooks.some((missing) => missing === name) ||
  (name === "http.request" && httpRequestRegistration === "never-resolves")

describe.each(SETTINGS)("a careful plugin, $name", ({ behaviour }) => {
  test("signs in, answers, refreshes and leaves nothing", async () => {
    const database = memoryDatabase()
    const fetch = async () => stream("hello")
    const { host, clock } = await hostWith(careful, { behaviour, database, fetch })
    expect(host.failures).toEqual([])
    expect((await host.connect("alibaba", "oauth")).status).toBe("complete")
    const options = { model: "alibaba/coder-model", tools: [{ name: "read", run: () => "" }] }
    expect((await host.prompt("s", "hi", options)).text).toBe("hello")
    const [sent] = host.requests
    expect(sent?.url).toBe("https://qwen.test/v1/chat/completions")
    expect(sent?.headers.get("x-ours")).toBe(without(behaviour, "http.request") ? null : "1")
    expect(sent?.body.includes("Tools: read")).toBe(!without(behaviour, "context"))

    clock.advance(31 * 24 * HOUR_MS)
    expect((await host.prompt("s", "again", options)).text).toBe("hello")
    expect(host.requests[1]?.headers.get("authorization")).toBe("Bearer access-2")

    expect((await host.connect("alibaba", "key", { plan: "token" }, { key: "sk" })).status).toBe("complete")
    expect((await host.prompt("s", "with the key", CODER)).text).toBe("hello")
    expect(host.requests[2]?.headers.get("authorization")).toBe("Bearer sk")
    expect(await messageOf(host.close())).toBe("nothing was refused")
  })
})

test("the settings differ from their preset in one switch each, and every switch has one", () => {
  for (const base of [oldest, newest]) {
    const differing = eachSetting(base).map(({ behaviour }) =>
      Object.keys(base).filter(
        (key) => JSON.stringify(Reflect.get(base, key)) !== JSON.stringify(Reflect.get(behaviour, key)),
      ),
    )
    expect(differing.every((keys) => keys.length === 1)).toBe(true)
    expect(new Set(differing.flat())).toEqual(new Set(Object.keys(base)))
  }
})
