import { describe, expect, test } from "vitest"
import { newest } from "./behaviour.ts"
import { NATIVE_PACKAGE } from "./catalog.ts"
import { contextOf, hostWith, messageOf, signedIn, stream } from "./plugin-fixture.ts"
import type { Model, PluginContext, ProviderEditor, ProviderInfo } from "./types.ts"

const provider = (change: (editor: ProviderEditor) => void) => async (context: PluginContext) => {
  await context.provider.transform(change)
}
const addsCoder = provider((editor) => editor.models.update("alibaba", "coder-model", () => {}))
const ids = (models: readonly { id: string }[]) => models.map(({ id }) => id)

describe("transforms", () => {
  test("are replayed from nothing, and must give the same each time", async () => {
    let calls = 0
    const setup = provider((editor) => editor.models.update("alibaba", `model-${++calls}`, () => {}))
    const { host } = await hostWith(setup)
    expect(host.takeViolations()).toContain("provider.transform: a replay gave another result")
  })

  test("can be replayed at any time without an effect", async () => {
    const { host } = await signedIn(addsCoder)
    await host.replay()
    expect(ids(await host.models())).toEqual(["qwen3-coder-plus", "qwen3-max", "coder-model"])
    expect(host.violations).toEqual([])
  })

  test("must be synchronous", async () => {
    const { host } = await hostWith(async (context) => {
      const later: () => unknown = async () => {}
      await context.provider.transform(later)
    })
    expect(host.takeViolations()).toContain("provider.transform: the callback is not synchronous")
  })

  test("end with their registration", async () => {
    const { host, context } = await contextOf()
    const registration = await context.provider.transform((editor) =>
      editor.models.update("alibaba", "coder-model", () => {}),
    )
    await host.connect("alibaba", "key", undefined, { key: "sk" })
    expect(ids(await host.models())).toContain("coder-model")
    await registration.dispose()
    expect(ids(await host.models())).not.toContain("coder-model")
  })

  test.each<[string, (context: PluginContext, fail: () => void) => Promise<unknown>]>([
    ["integration", ({ integration }, fail) => integration.transform(fail)],
    ["provider", (context, fail) => context.provider.transform(fail)],
    ["model", ({ model }, fail) => model.transform(fail)],
  ])("of %s that throw break the domain for every reader, in this directory", async (name, add) => {
    const { host } = await hostWith(() => {})
    await host.install({
      default: {
        id: "bad",
        setup: (context: PluginContext) =>
          add(context, () => {
            if (context.location.directory === "/project") throw new Error("broken transform")
          }),
      },
    })
    await host.open("/other")
    const read = (directory: string) => (name === "integration" ? host.integrations(directory) : host.models(directory))
    expect(await messageOf(read("/project"))).toBe("broken transform")
    expect(await messageOf(read("/other"))).toBe("nothing was refused")
    expect(host.takeViolations()).toContain(`${name}.transform: the callback threw: broken transform`)
  })

  test("have a dead editor after their return", async () => {
    const kept: ProviderEditor[] = []
    const { host } = await hostWith(provider((editor) => void kept.push(editor)))
    const [editor] = kept
    expect(() => editor?.models.update("alibaba", "late", () => {})).toThrow("is used after its callback has returned")
    expect(() => editor?.list()).toThrow("providerEditor.list is used after its callback has returned")
    expect(host.takeViolations()).toHaveLength(2)
  })

  test("do not share the objects that they edited", async () => {
    const kept: Model[] = []
    const { host } = await signedIn(
      provider((editor) => editor.models.update("alibaba", "coder-model", (model) => void kept.push(model))),
    )
    for (const model of kept) model.limit.context = 1
    expect((await host.models()).at(-1)?.limit.context).toBe(200_000)
  })

  test("refuse unknown members of the editor", async () => {
    const { context } = await contextOf(
      {},
      provider((editor) => void Reflect.get(editor, "set")),
    )
    expect(await messageOf(context.provider.list())).toBe("providerEditor.set is unknown to OpenCode")
  })

  test("see new state after reload, which waits 500 ms for more calls", async () => {
    let names: string[] = []
    let folds = 0
    const { host, context, clock } = await contextOf(
      {},
      provider((editor) => {
        folds++
        for (const name of names) editor.models.update("alibaba", name, () => {})
      }),
    )
    await host.connect("alibaba", "key", undefined, { key: "sk" })
    names = ["coder-model"]
    expect(ids(await host.models())).not.toContain("coder-model")
    const before = folds
    await Promise.all([context.provider.reload(), context.provider.reload(), context.provider.reload()])
    expect(ids(await host.models())).toContain("coder-model")
    expect(clock.pauses).toContain(500)
    // Each fold runs twice.
    expect(folds - before).toBe(2)
  })
})

describe("a provider", () => {
  test("gets a missing model with OpenCode's defaults from models.update", async () => {
    const { host } = await signedIn(addsCoder)
    expect((await host.models()).at(-1)).toEqual({
      id: "coder-model",
      modelID: "coder-model",
      providerID: "alibaba",
      name: "coder-model",
      capabilities: { tools: true, input: ["text", "image"], output: ["text"] },
      variants: [],
      time: { released: 0 },
      cost: [],
      status: "active",
      enabled: true,
      limit: { context: 200_000, output: 32_000 },
      package: NATIVE_PACKAGE,
    })
  })

  test("gets the native package from update, and keeps its own from add", async () => {
    const info: ProviderInfo = { id: "own", name: "Own", activation: "enabled", package: "aisdk:own" }
    const { context } = await contextOf(
      {},
      provider((editor) => {
        editor.update("alibaba", (alibaba) => {
          alibaba.package = "aisdk:mine"
          alibaba.name = "Mine"
        })
        editor.add({ info, models: [] })
      }),
    )
    const { data } = await context.provider.list()
    expect(data.map((one) => [one.name, one.package])).toEqual([
      ["Mine", NATIVE_PACKAGE],
      ["Own", "aisdk:own"],
    ])
  })

  test("with an incomplete model breaks the list for clients", async () => {
    const { host, context } = await contextOf(
      {},
      provider((editor) => {
        editor.models.update("alibaba", "coder-model", (model) => void Reflect.deleteProperty(model, "limit"))
      }),
    )
    await host.connect("alibaba", "key", undefined, { key: "sk" })
    expect(await messageOf(host.models())).toBe("Schema validation failed")
    expect(await messageOf(context.model.list())).toBe("Schema validation failed")
  })

  test("with activation auto is offered with a connection, with enabled always", async () => {
    const auto = await hostWith(addsCoder)
    expect(await auto.host.models()).toEqual([])
    const enabled = await hostWith(
      provider((editor) =>
        editor.update("alibaba", (alibaba) => {
          alibaba.activation = "enabled"
        }),
      ),
    )
    expect(await enabled.host.models()).toHaveLength(2)
  })

  test("with a sourceConnection is hidden when another connection is active", async () => {
    const source = { type: "env" as const, name: "DASHSCOPE_API_KEY" }
    const add = (sourceConnection: typeof source) => (editor: ProviderEditor) =>
      editor.add({
        info: { id: "alibaba", name: "Own", activation: "enabled", package: "aisdk:own" },
        models: [],
        sourceConnection,
      })
    const { host, context } = await contextOf({ environment: { DASHSCOPE_API_KEY: "sk" } }, provider(add(source)))
    const offered = async () => {
      const seen: string[] = []
      const registration = await context.model.transform((editor) => void seen.push(...ids(editor.provider.list())))
      await registration.dispose()
      return seen.includes("alibaba")
    }
    expect(await offered()).toBe(true)
    await host.connect("alibaba", "key", undefined, { key: "sk" })
    expect(await offered()).toBe(false)
  })
})

describe("the person's configuration", () => {
  const providers = { alibaba: { name: "Configured", models: { "coder-model": { name: "Mine" } } } }
  const renames = provider((editor) => {
    editor.update("alibaba", (alibaba) => {
      alibaba.name = "Plugin"
    })
    editor.models.update("alibaba", "coder-model", (model) => {
      model.name = "Plugin"
    })
  })

  test.each([
    ["after-plugins", "Mine", "Configured"],
    ["before-plugins", "Plugin", "Plugin"],
  ] as const)("comes %s", async (configuration, model, name) => {
    const { host, context } = await contextOf({ providers, behaviour: { ...newest, configuration } }, renames)
    await host.connect("alibaba", "key", undefined, { key: "sk" })
    expect((await host.models()).at(-1)?.name).toBe(model)
    expect((await context.provider.list()).data[0]?.name).toBe(name)
  })
})

describe("model transforms", () => {
  const prefers = async ({ model }: PluginContext) => {
    await model.transform((editor) => {
      editor.update("alibaba", "qwen3-max", (max) => {
        max.name = "Seen"
      })
      if (editor.get("alibaba", "qwen3-max") !== undefined) editor.default.set("alibaba", "qwen3-max")
    })
  }

  test.each([
    [false, "qwen3-max"],
    [true, "Seen"],
  ])("run again when a connection changes: %s", async (modelFoldOnConnectionChange, name) => {
    const behaviour = { ...newest, modelFoldOnConnectionChange }
    const { host, context } = await contextOf({ behaviour }, prefers)
    await host.connect("alibaba", "key", undefined, { key: "sk" })
    expect((await host.models()).at(-1)?.name).toBe(name)
    await context.model.reload()
    expect((await host.models()).at(-1)?.name).toBe("Seen")
    expect(await context.model.default()).toMatchObject({ data: { providerID: "alibaba", modelID: "qwen3-max" } })
  })

  test("see available providers only, and make none available", async () => {
    const { host } = await hostWith(prefers)
    expect(await host.models()).toEqual([])
  })
})

test("a disabled model is not offered and cannot be used", async () => {
  const setup = provider((editor) => {
    editor.models.update("alibaba", "qwen3-max", (model) => {
      model.enabled = false
    })
    editor.models.remove("alibaba", "qwen3-coder-plus")
  })
  const { host } = await signedIn(setup, { fetch: async () => stream("hello") })
  expect(await host.models()).toEqual([])
  for (const id of ["qwen3-max", "qwen3-coder-plus"])
    expect((await host.prompt("s", "hi", { model: `alibaba/${id}` })).error?.message).toContain("is not available")
})
