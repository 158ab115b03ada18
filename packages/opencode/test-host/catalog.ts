import * as v from "valibot"
import type { HostState } from "./host-state.ts"
import type { Model, ProviderInfo } from "./types.ts"
import { CallableSchema, type Violations } from "./violations.ts"

/** The package of the built-in `alibaba`, which the native chat provider plays. */
const COMPATIBLE_PACKAGE = "aisdk:@ai-sdk/openai-compatible"
/** The package after any `update`. The reference does not give its name. */
export const NATIVE_PACKAGE = "native:openai-compatible-chat"

const Json = v.record(v.string(), v.unknown())
const Headers = v.record(v.string(), v.string())
const WIRE = { settings: v.optional(Json), headers: v.optional(Headers), body: v.optional(Json) }
const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const ProviderSchema = v.strictObject({
  id: v.string(),
  name: v.string(),
  activation: v.picklist(["auto", "enabled"]),
  package: v.string(),
  ...WIRE,
})

const ModelSchema = v.strictObject({
  id: v.string(),
  modelID: v.string(),
  providerID: v.string(),
  name: v.string(),
  family: v.optional(v.string()),
  capabilities: v.strictObject({ tools: v.boolean(), input: v.array(v.string()), output: v.array(v.string()) }),
  variants: v.array(v.strictObject({ id: v.string(), ...WIRE })),
  time: v.strictObject({ released: v.number() }),
  cost: v.array(
    v.strictObject({
      input: v.number(),
      output: v.number(),
      cache: v.strictObject({ read: v.number(), write: v.number() }),
    }),
  ),
  status: v.picklist(["alpha", "beta", "deprecated", "active"]),
  enabled: v.boolean(),
  limit: v.strictObject({ context: Count, input: v.optional(Count), output: Count }),
  package: v.optional(v.string()),
  ...WIRE,
})

/** A provider and its models. A transform may leave a model incomplete, so only {@link completeModel} gives its type. */
export interface CatalogProvider {
  info: ProviderInfo
  readonly models: Map<string, object>
  readonly sourceConnection: unknown
}

export type Catalog = Map<string, CatalogProvider>

/** Parses a model. An incomplete one breaks the list for clients. @throws Error "Schema validation failed" */
export function completeModel(model: unknown): Model {
  const parsed = v.safeParse(ModelSchema, model)
  if (!parsed.success) throw new Error("Schema validation failed")
  return parsed.output
}

/** The model that `models.update` makes when there is none. */
export function newModel(providerID: string, id: string): Model {
  return {
    id,
    modelID: id,
    providerID,
    name: id,
    capabilities: { tools: true, input: ["text", "image"], output: ["text"] },
    variants: [],
    time: { released: 0 },
    cost: [],
    status: "active",
    enabled: true,
    limit: { context: 200_000, output: 32_000 },
  }
}

/** What OpenCode has without any plugin. */
export function builtInCatalog(): Catalog {
  const info: ProviderInfo = {
    id: "alibaba",
    name: "Alibaba",
    activation: "auto",
    package: COMPATIBLE_PACKAGE,
    settings: { baseURL: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1" },
  }
  const models = ["qwen3-coder-plus", "qwen3-max"].map((id): [string, Model] => [id, newModel("alibaba", id)])
  return new Map([["alibaba", { info, models: new Map(models), sourceConnection: undefined }]])
}

/** Puts the person's `providers` over the catalog. */
export function applyConfiguration(catalog: Catalog, configuration: HostState["configuration"]): void {
  for (const [id, { models = {}, settings, ...fields }] of Object.entries(configuration)) {
    const before = catalog.get(id)
    const info = before?.info ?? { id, name: id, activation: "enabled" as const, package: COMPATIBLE_PACKAGE }
    const merged = settings === undefined ? {} : { settings: { ...info.settings, ...settings } }
    const provider = before ?? { info, models: new Map<string, object>(), sourceConnection: undefined }
    catalog.set(id, provider)
    provider.info = { ...info, ...fields, ...merged }
    for (const [modelID, model] of Object.entries(models)) {
      provider.models.set(modelID, { ...(provider.models.get(modelID) ?? newModel(id, modelID)), ...model })
    }
  }
}

/** Calls `update` with a draft. Whatever it does, the package is the native one afterwards. */
export function edited(record: object, update: unknown, where: string, violations: Violations): object {
  const draft = structuredClone(record)
  const result = violations.parse(CallableSchema, update, where)(draft)
  if (result instanceof Promise) violations.note(`${where}: the callback is not synchronous`)
  // A copy, because the plugin may keep the draft.
  return { ...structuredClone(draft), package: NATIVE_PACKAGE }
}
