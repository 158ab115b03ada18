import { OAUTH_MODELS } from "qwen-auth-core/internal"
import { type ModelEntry, modelEntry } from "../../shared/model-entry.ts"
import { PROVIDER_ID } from "../../shared/sign-in-texts.ts"
import type { HostModel, ProviderEditor } from "../host-types.ts"

/** What a connection makes of OpenCode's list of models. */
export interface ModelPlan {
  readonly models: readonly ModelEntry[]
  /** The ids of OpenCode's own models that the connection cannot use. */
  readonly removed: readonly string[]
  /** The prices of OpenCode's own list hold. They have steps that our catalogue does not have. */
  readonly paid: boolean
}

/** The models while nothing is known of the connection. */
export const SIGNED_OUT: ModelPlan = { models: OAUTH_MODELS.map(modelEntry), removed: [], paid: false }

/**
 * Applies a plan. OpenCode replays this at any time, so it depends on its arguments alone. The person's own
 * configuration comes after it and wins.
 * @returns the first error of the editor; one that is thrown would leave OpenCode without any provider
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
    attempt(() => editor.models.update(PROVIDER_ID, entry.id, (model) => fillModel(model, entry, plan.paid)))
  }
  return failure
}

function fillModel(model: HostModel, entry: ModelEntry, paid: boolean): void {
  const { context, output, input } = entry.limit
  model.modelID = entry.api.id
  model.name = entry.name
  model.capabilities = {
    tools: entry.capabilities.toolcall,
    input: kinds(entry.capabilities.input),
    output: kinds(entry.capabilities.output),
  }
  model.limit = { context, ...(input === undefined ? {} : { input }), output }
  // OpenCode merges a variant's body into the request's. Which of the levels a model takes is decided when it is sent.
  model.variants = Object.keys(entry.variants ?? {}).map((id) => ({ id, body: { reasoning_effort: id } }))
  model.status = "active"
  model.enabled = true
  if (!paid || model.cost.length === 0) model.cost = [entry.cost]
}

function kinds(supported: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(supported).filter((kind) => supported[kind])
}
