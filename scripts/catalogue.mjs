/**
 * Creates the catalogue's data from models.dev's published JSON: the models of Alibaba's six providers, one line for each
 * distinct set of facts. The same input gives the same bytes. The part of the input that is used is kept beside this
 * script, so that a test can repeat the run.
 *
 * npm run catalogue -- FILE
 */
import { readFileSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import * as v from "valibot"

const scripts = dirname(fileURLToPath(import.meta.url))
export const KEPT_INPUT = join(scripts, "models-dev-alibaba.json")
export const DATA_FILE = resolve(scripts, "../packages/core/src/catalog/models-dev.ts")
export const PRICES_FILE = resolve(scripts, "../packages/core/src/catalog/models-dev-prices.ts")

/** models.dev's providers, and the letters that name their list of models in the data. */
const LISTS = {
  alibaba: "pi",
  "alibaba-cn": "pc",
  "alibaba-coding-plan": "ci",
  "alibaba-coding-plan-cn": "cc",
  "alibaba-token-plan": "ti",
  "alibaba-token-plan-cn": "tc",
}

/** The smallest maximum that any of these models documents, tokens. No model refuses it. */
const SMALLEST_BUDGET = 32_768

const Tokens = v.pipe(v.number(), v.integer(), v.minValue(1))
const Price = v.pipe(v.number(), v.finite(), v.minValue(0))
/** A name. It cannot contain the separators of the data. */
const Text = v.pipe(v.string(), v.regex(/^[^|\\`$\n]{1,100}$/))
const Option = v.variant("type", [
  v.object({ type: v.literal("toggle") }),
  v.object({ type: v.literal("effort"), values: v.array(v.pipe(v.string(), v.regex(/^[a-z]+$/))) }),
  v.object({ type: v.literal("budget_tokens"), max: v.optional(Tokens) }),
])
const Model = v.object({
  name: Text,
  reasoning: v.boolean(),
  reasoning_options: v.optional(v.array(Option)),
  interleaved: v.optional(v.union([v.boolean(), v.string(), v.object({ field: v.string() })])),
  tool_call: v.boolean(),
  modalities: v.object({ input: v.array(v.string()), output: v.array(v.string()) }),
  limit: v.object({ context: Tokens, input: v.optional(Tokens), output: Tokens }),
  cost: v.optional(
    v.object({ input: Price, output: Price, cache_read: v.optional(Price), cache_write: v.optional(Price) }),
  ),
  status: v.optional(v.string()),
})
const Provider = v.object({ models: v.record(v.pipe(Text, v.regex(/^[\w./-]+$/)), Model) })
const Published = v.object({
  alibaba: Provider,
  "alibaba-cn": Provider,
  "alibaba-coding-plan": Provider,
  "alibaba-coding-plan-cn": Provider,
  "alibaba-token-plan": Provider,
  "alibaba-token-plan-cn": Provider,
})

/**
 * @typedef {v.InferOutput<typeof Model>} PublishedModel
 * @typedef {v.InferOutput<typeof Published>} PublishedProviders
 */

/**
 * Returns the part of the input that is used, and the data.
 * @param {string} json models.dev's published JSON
 */
export function catalogueOf(json) {
  const published = v.parse(Published, JSON.parse(json))
  return {
    input: formatInput(published),
    data: formatData(dataRows(published)),
    prices: formatPrices(priceRows(published)),
  }
}

/**
 * A model per line, in a fixed order, so that a change of models.dev is a readable diff.
 * @param {PublishedProviders} published
 */
function formatInput(published) {
  const providers = Object.entries(published).map(([id, { models }]) => {
    const lines = sortedEntries(models).map(([model, facts]) => `  ${JSON.stringify(model)}: ${JSON.stringify(facts)}`)
    return ` ${JSON.stringify(id)}: {"models":{\n${lines.join(",\n")}\n }}`
  })
  return `{\n${providers.join(",\n")}\n}\n`
}

/** @param {PublishedProviders} published */
function dataRows(published) {
  const china = published["alibaba-cn"].models
  /** @type {Map<string, string[]>} */
  const rows = new Map()
  for (const [provider, { models }] of Object.entries(published)) {
    for (const [id, model] of Object.entries(models)) {
      if (!isListed(model)) continue
      const facts = [id, model.name, limits(model), abilities(model, china[id])].join("|")
      const list = LISTS[/** @type {keyof typeof LISTS} */ (provider)]
      rows.set(facts, [...(rows.get(facts) ?? []), list])
    }
  }
  return [...rows].map(([facts, lists]) => `${facts}|${lists.join(" ")}`).sort()
}

/**
 * The models that are paid as they are used. With a plan, the plan is paid for.
 * @param {PublishedProviders} published
 */
function priceRows({ alibaba: { models: international }, "alibaba-cn": { models: china } }) {
  const ids = [...new Set([...Object.keys(international), ...Object.keys(china)])].sort()
  return ids.flatMap((id) => {
    const each = [international[id], china[id]].map((model) =>
      model !== undefined && isListed(model) ? price(model) : "",
    )
    return each.some(Boolean) ? [[id, ...each].join("|").replace(/\|$/, "")] : []
  })
}

/**
 * True for a model that an assistant can use: it is current, calls tools, and has text for input and output.
 * @param {PublishedModel} model
 */
function isListed({ tool_call, modalities: { input, output }, status }) {
  return tool_call && status !== "deprecated" && input.includes("text") && output.every((kind) => kind === "text")
}

/** @param {PublishedModel} model */
function limits({ limit: { context, input, output } }) {
  return [context, output, ...(input === undefined ? [] : [input])].join("/")
}

/**
 * `i` image, `v` video, `p` PDF; `r` replays its thinking; `t` thinks, `T` thinks unless it is switched off, with the
 * largest budget and the efforts.
 * @param {PublishedModel} model
 * @param {PublishedModel | undefined} china the same model in China, where maxima of budgets are published
 */
function abilities({ modalities: { input }, reasoning, reasoning_options = [], interleaved }, china) {
  const kinds = ["image", "video", "pdf"].map((kind) => (input.includes(kind) ? kind.charAt(0) : "")).join("")
  const replays = typeof interleaved === "object" && interleaved.field === "reasoning_content" ? "r" : ""
  if (!reasoning) return kinds + replays
  const efforts = reasoning_options.flatMap((option) => (option.type === "effort" ? option.values : []))
  const toggle = reasoning_options.some(({ type }) => type === "toggle")
  const budget = reasoning_options.some(({ type }) => type === "budget_tokens")
    ? (maxBudget(reasoning_options) ?? maxBudget(china?.reasoning_options ?? []) ?? SMALLEST_BUDGET)
    : ""
  return `${kinds}${replays}${toggle ? "T" : "t"}${budget}${efforts.length === 0 ? "" : `:${efforts.join(",")}`}`
}

/** @param {readonly v.InferOutput<typeof Option>[]} options */
function maxBudget(options) {
  return options.flatMap((option) => (option.type === "budget_tokens" ? [option.max] : []))[0]
}

/** @param {PublishedModel} model */
function price({ cost }) {
  if (cost === undefined) return ""
  return [cost.input, cost.output, cost.cache_read ?? "", cost.cache_write ?? ""].join("/").replace(/\/+$/, "")
}

/** @param {readonly string[]} rows */
function formatData(rows) {
  return `// Generated from models.dev by \`npm run catalogue\`. Change corrections.ts instead.

/**
 * The published facts of Alibaba's models, a model per line, read by model-rows.ts. From https://models.dev, MIT
 * License, copyright (c) 2025 models.dev: see LICENSE.
 */
export const MODELS_DEV = \`
${rows.join("\n")}
\`
`
}

/** @param {readonly string[]} rows */
function formatPrices(rows) {
  return `// Generated from models.dev by \`npm run catalogue\`.

/** The published prices of Alibaba's models, read by model-price.ts. From https://models.dev, see models-dev.ts. */
export const MODELS_DEV_PRICES = \`
${rows.join("\n")}
\`
`
}

/**
 * @template T
 * @param {Readonly<Record<string, T>>} record
 */
function sortedEntries(record) {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file] = process.argv.slice(2)
  if (file === undefined) throw new Error("Usage: npm run catalogue -- FILE (https://models.dev/api.json, saved)")
  const { input, data, prices } = catalogueOf(readFileSync(file, "utf8"))
  writeFileSync(KEPT_INPUT, input)
  writeFileSync(DATA_FILE, data)
  writeFileSync(PRICES_FILE, prices)
  console.log(`${data.split("\n").length} lines, ${data.length} bytes`)
}
