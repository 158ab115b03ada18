import type { Hooks, PluginInput } from "@opencode-ai/plugin"
import * as fc from "fast-check"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { gate, settle, until } from "qwen-auth-testing/gate"
import { describe, expect, it } from "vitest"
import { DEFAULT_TOOLS, PATCH_TOOLS } from "../testing/default-tools.ts"
import { parseHostTools } from "./host-tools.ts"
import { toolNameHook } from "./tool-name-hook.ts"
import { toolNamePrompt } from "./tool-name-text.ts"

type Transform = NonNullable<Hooks["experimental.chat.system.transform"]>

const never = () => new Promise<never>(() => {})
const failing = async () => Promise.reject(new Error("connection closed"))
const tools = async (): Promise<unknown> => ({ data: DEFAULT_TOOLS })
const servers = async (): Promise<unknown> => ({ data: { github: { status: "connected" } } })
const textOf = (offered: readonly unknown[], prefixes: string[] = []) =>
  toolNamePrompt(parseHostTools({ data: offered }) ?? [], prefixes)
const TEXT = textOf(DEFAULT_TOOLS, ["github_"])
const TEXT_WITHOUT_SERVERS = textOf(DEFAULT_TOOLS)

interface SetUp {
  list?: () => Promise<unknown>
  status?: () => Promise<unknown>
  enabled?: () => Promise<boolean>
}

/** Creates a hook with a fake OpenCode. The test triggers the deadline. */
async function setUp({ list = tools, status = servers, enabled = async () => true }: SetUp) {
  const calls: { name: string; options: unknown }[] = []
  const recorded = (name: string, answer: () => Promise<unknown>) => (options: unknown) => {
    calls.push({ name, options })
    return answer()
  }
  const client: PluginInput["client"] = Object.assign(Object.create(null), {
    tool: { list: recorded("tool.list", list) },
    mcp: { status: recorded("mcp.status", status) },
  })
  const { log, logged } = fakePlatform()
  const deadline = new AbortController()
  const hook = toolNameHook({ client, log, enabled, deadline: () => deadline.signal })
  return { hook, calls, logged, expire: () => deadline.abort(new DOMException("late", "TimeoutError")) }
}

function model(id: string, providerID = "alibaba", apiId = id): Parameters<Transform>[0]["model"] {
  return Object.assign(Object.create(null), { providerID, id, api: { id: apiId } })
}

/** Returns the system texts after the hook ran. */
async function runHook(hook: Transform, promptModel = model("qwen3-max"), system: string[] = ["You are OpenCode."]) {
  await hook({ sessionID: "ses_1", model: promptModel }, { system })
  return system
}

const withText = (text: string | undefined) => [`You are OpenCode.\n\n${text}`]
const UNTOUCHED = ["You are OpenCode."]

describe("the hook for tool names", () => {
  it("adds the text for the tools and servers that OpenCode offers", async () => {
    const { hook, calls } = await setUp({})
    expect(await runHook(hook)).toEqual(withText(TEXT))
    expect(calls).toEqual([
      {
        name: "tool.list",
        options: { query: { provider: "alibaba", model: "qwen3-max" }, signal: expect.any(AbortSignal) },
      },
      { name: "mcp.status", options: { signal: expect.any(AbortSignal) } },
    ])
  })

  it("requests the tools by the provider's id of the model, as OpenCode does", async () => {
    const { hook, calls } = await setUp({})
    await runHook(hook, model("my-name-for-it", "alibaba", "qwen3-max"))
    expect(calls[0]).toMatchObject({ options: { query: { model: "qwen3-max" } } })
  })

  it("requests the tools by the model's own id if OpenCode passes no other", async () => {
    const { hook, calls } = await setUp({})
    const input = { sessionID: "s", model: { providerID: "alibaba", id: "qwen3-max" } }
    await Reflect.apply(hook, undefined, [input, { system: ["a"] }])
    expect(calls[0]).toMatchObject({ options: { query: { model: "qwen3-max" } } })
  })

  it.each([
    [
      ["a", "b"],
      ["a", `b\n\n${TEXT}`],
    ],
    [[], [TEXT]],
    [[""], [TEXT]],
  ])("adds no further system message to %j", async (before, after) => {
    const { hook } = await setUp({})
    expect(await runHook(hook, model("qwen3-max"), before)).toEqual(after)
  })

  it("adds the text once when two copies of the plugin are loaded, even with different servers", async () => {
    const { hook } = await setUp({})
    const system = await runHook(hook)
    const second = await setUp({ status: async () => ({ data: {} }) })
    expect(await runHook(second.hook, model("qwen3-max"), system)).toEqual(withText(TEXT))
    expect(await runHook(second.hook)).toEqual(withText(TEXT_WITHOUT_SERVERS))
  })

  it.each<[string, unknown, unknown]>([
    ["another provider's model", { sessionID: "s", model: model("gpt-5", "openai") }, { system: ["a"] }],
    ["a sibling provider's model", { sessionID: "s", model: model("qwen3-max", "alibaba-cn") }, { system: ["a"] }],
    ["a prompt outside of a session", { model: model("qwen3-max") }, { system: ["a"] }],
    ["a prompt without a model", { sessionID: "s" }, { system: ["a"] }],
    ["no input", undefined, { system: ["a"] }],
    ["no list of texts", { sessionID: "s", model: model("qwen3-max") }, { system: "a" }],
    ["no output", { sessionID: "s", model: model("qwen3-max") }, undefined],
  ])("changes and requests nothing for %s", async (_, input, output) => {
    const { hook, calls } = await setUp({})
    const before = structuredClone(output)
    await Reflect.apply(hook, undefined, [input, output])
    expect(output).toEqual(before)
    expect(calls).toEqual([])
  })

  it("adds and requests nothing when it is off", async () => {
    const { hook, calls } = await setUp({ enabled: async () => false })
    expect(await runHook(hook)).toEqual(UNTOUCHED)
    expect(calls).toEqual([])
  })

  it("adds nothing when the configuration cannot be read", async () => {
    const { hook, calls } = await setUp({ enabled: failing })
    expect(await runHook(hook)).toEqual(UNTOUCHED)
    expect(calls).toEqual([])
  })

  it("adds nothing when OpenCode offers no known tool", async () => {
    const { hook } = await setUp({ list: async () => ({ data: [] }) })
    expect(await runHook(hook)).toEqual(UNTOUCHED)
  })
})

describe("a model's text does not change once it is used", () => {
  it("when OpenCode offers other tools later", async () => {
    const lists = [DEFAULT_TOOLS, PATCH_TOOLS]
    const { hook, calls } = await setUp({ list: async () => ({ data: lists.shift() }) })
    expect(await runHook(hook)).toEqual(withText(TEXT))
    expect(await runHook(hook)).toEqual(withText(TEXT))
    expect(calls.map(({ name }) => name)).toEqual(["tool.list", "mcp.status"])
  })

  it("when the configuration changes later", async () => {
    const answers = [true, false]
    const { hook } = await setUp({ enabled: async () => answers.shift() ?? false })
    expect(await runHook(hook)).toEqual(withText(TEXT))
    expect(await runHook(hook)).toEqual(withText(TEXT))
  })

  it("when OpenCode offered no known tool", async () => {
    const answers = [async () => ({ data: [] }), tools]
    const { hook } = await setUp({ list: () => (answers.shift() ?? never)() })
    expect(await runHook(hook)).toEqual(UNTOUCHED)
    expect(await runHook(hook)).toEqual(UNTOUCHED)
  })

  it("with one request for concurrent prompts", async () => {
    const answer = gate<unknown>()
    const { hook, calls } = await setUp({ list: () => answer.promise })
    const prompts = [runHook(hook), runHook(hook)]
    await until(() => calls.length === 2)
    answer.open({ data: DEFAULT_TOOLS })
    expect(await Promise.all(prompts)).toEqual([withText(TEXT), withText(TEXT)])
    expect(calls).toHaveLength(2)
  })

  it("and each model has a separate text", async () => {
    const lists = [DEFAULT_TOOLS, PATCH_TOOLS]
    const { hook } = await setUp({ list: async () => ({ data: lists.shift() }) })
    expect(await runHook(hook, model("qwen3-max"))).toEqual(withText(TEXT))
    expect(await runHook(hook, model("gpt-like"))).toEqual(withText(textOf(PATCH_TOOLS, ["github_"])))
    expect(await runHook(hook, model("qwen3-max"))).toEqual(withText(TEXT))
  })
})

describe("when OpenCode does not return its tools", () => {
  const junk: readonly unknown[] = [undefined, null, 1, "tools", [], { data: undefined, error: {} }, { data: "read" }]

  it.each<[string, () => Promise<unknown>]>([
    ["it fails", failing],
    [
      "its client is different",
      () => {
        throw new TypeError("client.tool is undefined")
      },
    ],
    ...junk.map((answer): [string, () => Promise<unknown>] => [
      `it answers ${JSON.stringify(answer)}`,
      async () => answer,
    ]),
  ])("nothing is added, and the next prompt requests them again: %s", async (_, list) => {
    let first = true
    const { hook } = await setUp({
      list: () => {
        if (!first) return tools()
        first = false
        return list()
      },
    })
    expect(await runHook(hook)).toEqual(UNTOUCHED)
    expect(await runHook(hook)).toEqual(withText(TEXT))
  })

  it("a prompt waits until the deadline and no longer", async () => {
    const { hook, calls, expire, logged } = await setUp({ list: never, status: never })
    const prompt = runHook(hook)
    await until(() => calls.length === 2)
    expire()
    expect(await prompt).toEqual(UNTOUCHED)
    expect(calls.map(({ options }) => options)).toEqual([
      expect.objectContaining({ signal: expect.objectContaining({ aborted: true }) }),
      expect.objectContaining({ signal: expect.objectContaining({ aborted: true }) }),
    ])
    expect(logged).toContainEqual({
      level: "debug",
      message: "Could not read OpenCode's tools for the text about tool names.",
      fields: { name: "TimeoutError" },
    })
  })

  it("a configuration that cannot be read in time does not delay a prompt", async () => {
    const { hook, calls, expire } = await setUp({ enabled: never })
    const prompt = runHook(hook)
    expire()
    expect(await prompt).toEqual(UNTOUCHED)
    expect(calls).toEqual([])
  })

  it.each([
    ["fails", failing],
    ["answers junk", async () => "github"],
  ])("only the tools are listed when the status of MCP servers %s", async (_, status) => {
    const { hook } = await setUp({ status })
    expect(await runHook(hook)).toEqual(withText(TEXT_WITHOUT_SERVERS))
  })

  it("only the tools are listed when the status of MCP servers does not arrive", async () => {
    const { hook, calls, expire } = await setUp({ status: never })
    const prompt = runHook(hook)
    await until(() => calls.length === 2)
    await settle()
    expire()
    expect(await prompt).toEqual(withText(TEXT_WITHOUT_SERVERS))
  })
})

it("the hook never rejects and keeps the existing text, whatever the client returns", async () => {
  const answer = fc.oneof(fc.anything(), fc.record({ data: fc.anything() }))
  await fc.assert(
    fc.asyncProperty(answer, answer, async (list, status) => {
      const { hook } = await setUp({ list: async () => list, status: async () => status })
      const [text] = await runHook(hook)
      expect(text?.startsWith("You are OpenCode.")).toBe(true)
    }),
    { numRuns: 50 },
  )
})
