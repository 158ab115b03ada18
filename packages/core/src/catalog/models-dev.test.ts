import { readFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import { catalogueOf, DATA_FILE, KEPT_INPUT, PRICES_FILE } from "../../../../scripts/catalogue.mjs"

const TEXT = { input: ["text"], output: ["text"] }
const MODEL = {
  name: "Model",
  reasoning: false,
  tool_call: true,
  modalities: TEXT,
  limit: { context: 1_000, output: 100 },
  release_date: "2026-01-01",
}
const THINKS = { ...MODEL, reasoning: true }

/** Returns models.dev's JSON with these models, which may be incomplete. */
function published(models: Readonly<Record<string, Readonly<Record<string, object>>>>): string {
  const ids = ["", "-cn", "-coding-plan", "-coding-plan-cn", "-token-plan", "-token-plan-cn"]
  const providers = ids.map(
    (id) => [`alibaba${id}`, { name: "Alibaba", models: models[`alibaba${id}`] ?? {} }] as const,
  )
  return JSON.stringify({ openai: { models: {} }, ...Object.fromEntries(providers) })
}

/** Returns the lines of the data for these models, or of their prices. */
function linesOf(models: Parameters<typeof published>[0], what: "data" | "prices" = "data"): string[] {
  return /`\n([^`]*)\n`\n$/.exec(catalogueOf(published(models))[what])?.[1]?.split("\n") ?? []
}

describe("the catalogue's data", () => {
  it("is the script's output for the stored input", async () => {
    const input = await readFile(KEPT_INPUT, "utf8")
    const [data, prices] = await Promise.all([DATA_FILE, PRICES_FILE].map((file) => readFile(file, "utf8")))
    expect(catalogueOf(input)).toEqual({ input, data, prices })
  })

  it("is the same for the same models in any order", () => {
    const one = published({ alibaba: { a: MODEL, "b/c": THINKS }, "alibaba-cn": { a: MODEL } })
    const reversed = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(one)).reverse()))
    const other = published({ "alibaba-cn": { a: MODEL }, alibaba: { "b/c": THINKS, a: MODEL } })
    expect(catalogueOf(one)).toEqual(catalogueOf(one))
    expect(catalogueOf(reversed)).toEqual(catalogueOf(one))
    expect(catalogueOf(other)).toEqual(catalogueOf(one))
    expect(catalogueOf(catalogueOf(one).input)).toEqual(catalogueOf(one))
  })

  it("has each distinct set of facts once, and prices only for pay as you go", () => {
    const cost = { input: 2, output: 6.5, cache_write: 0.25, tiers: [] }
    const models = {
      alibaba: { a: { ...MODEL, cost }, b: { ...MODEL, tool_call: false, cost }, c: MODEL, d: { ...MODEL, cost } },
      "alibaba-cn": { a: { ...MODEL, cost: { input: 1, output: 2 } }, e: { ...MODEL, cost } },
      "alibaba-token-plan": { a: { ...MODEL, cost }, f: { ...MODEL, cost } },
      "alibaba-coding-plan": { a: { ...MODEL, limit: { context: 1_000, input: 900, output: 50 } } },
    }
    expect(linesOf(models).filter((line) => line.startsWith("a"))).toEqual([
      "a|Model|1000/100||pi pc ti",
      "a|Model|1000/50/900||ci",
    ])
    expect(linesOf(models, "prices")).toEqual(["a|2/6.5//0.25|1/2", "d|2/6.5//0.25", "e||2/6.5//0.25"])
  })

  it.each([
    [{ modalities: { ...TEXT, input: ["text", "image", "video", "audio", "pdf"] } }, "ivp"],
    [{ interleaved: { field: "reasoning_content" } }, "r"],
    [{ interleaved: { field: "reasoning_details" } }, ""],
    [{ reasoning: true }, "t"],
    [{ reasoning: true, reasoning_options: [] }, "t"],
    [{ reasoning: true, reasoning_options: [{ type: "toggle" }] }, "T"],
    [{ reasoning: true, reasoning_options: [{ type: "budget_tokens", min: 0, max: 500 }] }, "t500"],
    [{ reasoning: true, reasoning_options: [{ type: "effort", values: ["low", "max"] }] }, "t:low,max"],
    [{ reasoning: true, reasoning_options: [{ type: "toggle" }, { type: "budget_tokens" }] }, "T32768"],
  ])("encodes the abilities of a model: %j", (facts, abilities) => {
    expect(linesOf({ "alibaba-cn": { a: { ...MODEL, ...facts } } })).toEqual([`a|Model|1000/100|${abilities}|pc`])
  })

  it("uses China's largest budget if none is published", () => {
    const budget = (max?: number) => ({ ...THINKS, reasoning_options: [{ type: "budget_tokens", max }] })
    expect(linesOf({ alibaba: { a: budget() }, "alibaba-cn": { a: budget(700) } })).toEqual([
      "a|Model|1000/100|t700|pi pc",
    ])
  })

  it.each([
    ["calls no tools", { tool_call: false }],
    ["speaks", { modalities: { input: ["text"], output: ["text", "audio"] } }],
    ["accepts only audio", { modalities: { input: ["audio"], output: ["text"] } }],
    ["is deprecated", { status: "deprecated" }],
  ])("omits a model that %s", (_, facts) => {
    expect(linesOf({ alibaba: { a: { ...MODEL, ...facts }, b: MODEL } })).toEqual(["b|Model|1000/100||pi"])
  })

  it.each([
    ["a separator in a name", { a: { ...MODEL, name: "A|B" } }],
    ["code in a name", { a: { ...MODEL, name: "A`B" } }],
    ["a separator in an id", { "a b": MODEL }],
    ["a limit of zero", { a: { ...MODEL, limit: { context: 0, output: 1 } } }],
    ["a negative price", { a: { ...MODEL, cost: { input: -1, output: 1 } } }],
    ["an unknown option", { a: { ...THINKS, reasoning_options: [{ type: "depth" }] } }],
    ["a separator in an effort", { a: { ...THINKS, reasoning_options: [{ type: "effort", values: ["a,b"] }] } }],
  ])("is not made from input with %s", (_, alibaba) => {
    expect(() => catalogueOf(published({ alibaba }))).toThrow()
  })

  it("is not made from input that lacks a provider", () =>
    expect(() => catalogueOf('{"alibaba":{"models":{}}}')).toThrow())
})
