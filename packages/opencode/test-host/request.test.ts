import { gate } from "qwen-auth-testing/gate"
import { describe, expect, test } from "vitest"
import { type HostBehaviour, newest } from "./behaviour.ts"
import { memoryDatabase } from "./database.ts"
import { bodyOf, CHAT, CODER, hostWith, oauth, signedIn, signsIn, stream } from "./plugin-fixture.ts"
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

  test("gets only provider options from an account's metadata", async () => {
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

test("a title is requested at the same time as the answer", async () => {
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
