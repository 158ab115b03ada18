import * as v from "valibot"
import { type ModelEntries, type ModelEntry, modelEntry } from "../../shared/model-entry.ts"

const Modes = v.strictObject({
  text: v.boolean(),
  audio: v.boolean(),
  image: v.boolean(),
  video: v.boolean(),
  pdf: v.boolean(),
})
const Text = v.pipe(v.string(), v.minLength(1))
const Tokens = v.pipe(v.number(), v.integer(), v.minValue(1))
const Price = v.pipe(v.number(), v.finite(), v.minValue(0))

/** The fields that OpenCode's SDK requires of a model. It crashes on an incomplete entry. */
export const CompleteModel = v.object({
  id: Text,
  providerID: v.literal("alibaba"),
  name: Text,
  api: v.object({ id: Text, url: v.pipe(v.string(), v.url()), npm: v.literal("@ai-sdk/openai-compatible") }),
  capabilities: v.object({
    temperature: v.boolean(),
    reasoning: v.boolean(),
    attachment: v.boolean(),
    toolcall: v.boolean(),
    input: Modes,
    output: Modes,
    interleaved: v.union([v.boolean(), v.object({ field: v.string() })]),
  }),
  cost: v.object({ input: Price, output: Price, cache: v.object({ read: Price, write: Price }) }),
  limit: v.object({ context: Tokens, input: v.optional(Tokens), output: Tokens }),
  status: v.picklist(["alpha", "beta", "deprecated", "active"]),
  options: v.record(v.string(), v.unknown()),
  headers: v.record(v.string(), v.string()),
  release_date: v.string(),
} satisfies Record<RequiredOf<ModelEntry>, unknown>)

type RequiredOf<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T]

/** The entries at which OpenCode would crash, as text. */
export function incomplete(models: ModelEntries): string[] {
  return Object.entries(models).flatMap(([id, entry]) =>
    v.is(CompleteModel, entry) && entry.id === id ? [] : [`${id}: ${JSON.stringify(entry)}`],
  )
}

/** Returns a model of OpenCode's own catalogue, with a price. */
export function ownModel(id: string, fields: Partial<ModelEntry> = {}): ModelEntry {
  const facts = {
    id,
    name: `Own ${id}`,
    contextTokens: 262_144,
    outputTokens: 32_768,
    imageInput: false,
    videoInput: false,
    pdfInput: false,
    replaysThinking: false,
  }
  const cost = { input: 1.5, output: 7.5, cache: { read: 0.3, write: 0 } }
  return { ...modelEntry(facts), cost, family: "qwen", release_date: "2025-07-22", ...fields }
}

const FAMILIES = ["qwen-plus", "qwen-max", "qwen-flash", "qwen-turbo", "qwen3-coder-plus", "qwen3-vl-plus", "qvq-max"]

/** Returns as many models as OpenCode's own catalogue has for the provider. */
export function ownModels(): ModelEntries {
  const ids = Array.from({ length: 56 }, (_, n) => {
    const family = FAMILIES[n % FAMILIES.length] ?? ""
    return n < FAMILIES.length ? family : `${family}-2025-${n}`
  })
  return Object.fromEntries(ids.map((id) => [id, ownModel(id)]))
}
