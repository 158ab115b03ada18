import { expect, test } from "vitest"
import type { Behaviour } from "./behaviour.ts"
import { hostWith, messageOf, provider } from "./plugin-fixture.ts"

/** A plugin that registers its command by these ids, as published plugins do. */
const main = (...ids: readonly string[]) => `
  let calls = 0
  export async function activate({ commands, providers }) {
    const all = [providers.register(${provider()})]
    for (const id of ${JSON.stringify(ids)}) {
      try { all.push(commands.register(id, async () => ++calls)) } catch {}
    }
    return { dispose: () => all.forEach((one) => one.dispose()) }
  }`

test.each<[Behaviour["commands"], string[], unknown]>([
  ["exact", ["demo.run"], 1],
  ["exact", ["run"], "No command demo.run is registered."],
  ["exact", ["demo.run", "run"], 1],
  ["prefixed", ["demo.run"], "No command demo.run is registered."],
  ["prefixed", ["run"], 1],
  ["prefixed", ["demo.run", "run"], 1],
  ["called by both", ["demo.run"], 1],
  ["called by both", ["run"], 1],
])("with %s ids, a command registered as %j gives %j", async (commands, ids, outcome) => {
  const host = await hostWith({ main: main(...ids) }, { behaviour: { commands } })
  const violations = typeof outcome === "number" ? [] : ["The command demo.run is in the manifest but not registered."]
  expect(host.takeViolations()).toEqual(violations)
  if (typeof outcome === "number") expect(await host.run("demo.run")).toBe(outcome)
  else expect(await messageOf(host.run("demo.run"))).toBe(outcome)
  await host.close()
})

test("an Alma that calls what both ids registered calls it twice", async () => {
  const host = await hostWith({ main: main("demo.run", "run") }, { behaviour: { commands: "called by both" } })
  await host.run("demo.run")
  expect(await host.run("demo.run")).toBe(3)
  await host.close()
})

test.each<[Behaviour["modelIds"], string]>([
  ["plain", "m"],
  ["plugin and provider", "demo:demo:m"],
  ["qualified", "plugin:demo:demo:m"],
])("the ids of models can be %s", async (modelIds, id) => {
  const host = await hostWith({}, { behaviour: { modelIds } })
  expect(host.modelId("m")).toBe(id)
  await host.close()
})

test("getModels can be called before initialize", async () => {
  const order = "let order = []\n"
  const calls =
    "getModels: async () => { order.push('getModels'); return MODELS }, initialize: async () => void order.push('initialize')"
  const models = `const MODELS = [{ id: "m", name: "M", description: "M", contextWindow: 1, maxOutputTokens: 1,
    capabilities: { streaming: true, reasoning: false, functionCalling: true } }]`
  const source = `${order}${models}
    export async function activate({ commands, providers }) {
      const all = [providers.register(${provider(calls)}), commands.register("demo.run", async () => order)]
      return { dispose: () => all.forEach((one) => one.dispose()) }
    }`
  for (const [first, expected] of [
    ["initialize", ["initialize"]],
    ["getModels", ["getModels", "initialize"]],
  ] as const) {
    const host = await hostWith({ main: source }, { behaviour: { first } })
    expect(await host.run("demo.run")).toEqual(expected)
    await host.close()
  }
})
