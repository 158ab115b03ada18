import { OAUTH_MODELS } from "qwen-auth-core/internal"
import { type ModelEntry, modelEntry } from "../../shared/model-entry.ts"
import { PROVIDER_ID } from "../../shared/sign-in-texts.ts"
import type { HostModel, ProviderEditor } from "../host-types.ts"

/** How a connection changes OpenCode's list of models. */
export interface ModelPlan {
  readonly models: readonly ModelEntry[]
  /** The ids of OpenCode's own models that the connection cannot use. */
  readonly removed: readonly string[]
  /** Whether the prices of OpenCode's own list apply. They have steps that the catalogue does not have. */
  readonly hostPrices: boolean
}

/** The models while the connection is unknown. */
export const SIGNED_OUT: ModelPlan = { models: OAUTH_MODELS.map(modelEntry), removed: [], hostPrices: false }

/**
 * Applies a plan. OpenCode replays this at any time, so it depends on its arguments alone. The user's own configuration
 * is applied later and takes precedence.
 * @returns the first error of the editor. If it were thrown, OpenCode would have no provider at all.
 */
export function applyModelPlan(editor: ProviderEditor, plan: ModelPlan): unknown {
  let failure: unknown
  const attempt = (change: () => void) => {
    try {
      change()
    } catch (error) {
      failure ??= error
    }
  }
  for (const id of plan.removed) attempt(() => editor.models.remove(PROVIDER_ID, id))
  for (const entry of plan.models) {
    attempt(() => editor.models.update(PROVIDER_ID, entry.id, (model) => fillModel(model, entry, plan.hostPrices)))
  }
  return failure
}

function fillModel(model: HostModel, entry: ModelEntry, hostPrices: boolean): void {
  const { context, output, input } = entry.limit
  model.modelID = entry.api.id
  model.name = entry.name
  model.capabilities = {
    tools: entry.capabilities.toolcall,
    input: kinds(entry.capabilities.input),
    output: kinds(entry.capabilities.output),
  }
  model.limit = { context, ...(input === undefined ? {} : { input }), output }
  // OpenCode merges a variant's body into the request's. The fetch turns the level into the model's parameters.
  model.variants = Object.keys(entry.variants ?? {}).map((id) => ({ id, body: { reasoning_effort: id } }))
  model.status = "active"
  model.enabled = true
  if (!hostPrices || model.cost.length === 0) model.cost = [entry.cost]
}

function kinds(supported: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(supported).filter((kind) => supported[kind])
}
