import * as v from "valibot"
import type { HostBehaviour } from "./behaviour.ts"
import type { CatalogProvider } from "./catalog.ts"
import type { Key, Model, OAuth } from "./types.ts"

type Json = Record<string, unknown>

/** What a request is made of. */
export interface ResolvedModel {
  readonly model: Model
  readonly apiKey: string | undefined
  readonly baseURL: string
  readonly headers: Record<string, string>
  /** Fields of the body that settings, provider, model, variant and a key's metadata give. */
  readonly body: Json
}

interface Layer {
  readonly settings?: Json | undefined
  readonly headers?: Record<string, string> | undefined
  readonly body?: Json | undefined
}

/** The provider options that the native chat provider knows, with the field that each becomes. Others are dropped. */
const OPTIONS: Readonly<Record<string, { readonly field: string; readonly schema: v.GenericSchema }>> = {
  thinking: { field: "thinking", schema: v.record(v.string(), v.unknown()) },
  enableThinking: { field: "enable_thinking", schema: v.boolean() },
  thinkingBudget: { field: "thinking_budget", schema: v.number() },
  preserveThinking: { field: "preserve_thinking", schema: v.boolean() },
  clearThinking: { field: "clear_thinking", schema: v.boolean() },
  toolStream: { field: "tool_stream", schema: v.boolean() },
  parallelToolCalls: { field: "parallel_tool_calls", schema: v.boolean() },
  repetitionPenalty: { field: "repetition_penalty", schema: v.number() },
  responseFormat: { field: "response_format", schema: v.record(v.string(), v.unknown()) },
  enableSearch: { field: "enable_search", schema: v.boolean() },
  searchOptions: { field: "search_options", schema: v.record(v.string(), v.unknown()) },
  reasoningEffort: { field: "reasoning_effort", schema: v.string() },
}

/**
 * Merges provider, model, variant and credential.
 * @throws Error for a wrong provider option, or without a credential where the native chat provider needs one
 */
export function resolveModel(
  provider: CatalogProvider,
  model: Model,
  variantID: string | undefined,
  credential: OAuth | Key | undefined,
  behaviour: HostBehaviour,
): ResolvedModel {
  const variant = variantID === undefined ? undefined : model.variants.find(({ id }) => id === variantID)
  if (variantID !== undefined && variant === undefined) throw new Error(`The model has no variant ${variantID}.`)
  const layers: readonly Layer[] = [provider.info, model, variant ?? {}]
  const settings: Json = Object.assign(
    {},
    ...layers.map((layer) => layer.settings),
    credential?.metadata,
    credential?.type === "key" ? credential.configuration : undefined,
  )
  const apiKey = credential?.type === "key" ? credential.key : credential?.access
  const native = !(model.package ?? provider.info.package).startsWith("aisdk:")
  if (apiKey === undefined && native && behaviour.keylessRequest === "missing-credential") {
    throw new Error("Missing auth credential")
  }
  const metadata = credential?.type === "key" && behaviour.keyMetadataInBody ? credential.metadata : undefined
  return {
    model,
    apiKey,
    baseURL: baseURLOf(settings, credential, behaviour),
    headers: Object.assign({}, ...layers.map((layer) => layer.headers)),
    body: Object.assign({}, optionFields(settings), ...layers.map((layer) => layer.body), metadata),
  }
}

function optionFields(settings: Json): Json {
  const fields: Json = {}
  for (const [name, { field, schema }] of Object.entries(OPTIONS)) {
    if (settings[name] === undefined) continue
    if (!v.is(schema, settings[name])) throw new Error(`Invalid provider option ${name}`)
    fields[field] = settings[name]
  }
  return fields
}

function baseURLOf(settings: Json, credential: OAuth | Key | undefined, behaviour: HostBehaviour): string {
  const { baseURL } = settings
  if (typeof baseURL !== "string") throw new Error("The provider has no base URL.")
  if (!behaviour.regionDecidesHost) return baseURL
  const given: Json = { ...credential?.metadata, ...(credential?.type === "key" ? credential.configuration : {}) }
  if (given["baseURL"] !== undefined) return baseURL
  const { region, workspaceID } = given
  const url = new URL(baseURL)
  // The reference says that both decide the host, and not how. What matters to a plugin is that the host is another one.
  if (typeof region === "string" && region !== "") url.hostname = `${region}.region.invalid`
  if (typeof workspaceID === "string" && workspaceID !== "") url.hostname = `${workspaceID}.${url.hostname}`
  return url.href
}
