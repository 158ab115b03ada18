import { type ModelFacts, PAY_AS_YOU_GO, type Plan, planOf } from "qwen-auth-core/internal"
import type { AlmaModel } from "../host.ts"
import type { SignInState } from "../storage/sign-in.ts"
import { QWEN_MODELS } from "./qwen-models.ts"

/** The models for the current sign-in: those of {@link QWEN_MODELS} for an account or without one, or those of the key's plan. */
export function modelsFor({ credential }: SignInState): AlmaModel[] {
  if (credential?.type !== "api_key") return QWEN_MODELS.map(almaModel)
  return planModels(planOf(credential.plan)).map(almaModel)
}

/**
 * The plan's known models that the service lists for a key, in the catalogue's order.
 * @param ids the service's list, with the API's ids
 */
export function liveModels(plan: Plan, ids: readonly string[]): AlmaModel[] {
  const listed = new Set(ids)
  return planModels(plan)
    .filter(({ id }) => listed.has(apiModelId(id)))
    .map(almaModel)
}

/** The API's id for a model that Alma lists under a shorter one. */
export function apiModelId(id: string): string {
  return id === "qwen3-235b-a22b-instruct" ? "qwen3-235b-a22b-instruct-2507" : id
}

function planModels(plan: Plan): readonly ModelFacts[] {
  if (plan.id !== PAY_AS_YOU_GO.id) return plan.models
  const known = new Set(plan.models.map(({ id }) => id))
  return [...plan.models, ...QWEN_MODELS.filter(({ id }) => !known.has(id))]
}

function almaModel({ id, name, contextTokens, outputTokens, imageInput, thinking }: ModelFacts): AlmaModel {
  const abilities = [thinking !== undefined ? "thinks" : undefined, imageInput ? "takes images" : undefined].filter(
    Boolean,
  )
  return {
    id,
    name,
    description: abilities.length === 0 ? name : `${name} (${abilities.join(", ")})`,
    contextWindow: contextTokens,
    maxOutputTokens: outputTokens,
    capabilities: { streaming: true, reasoning: thinking !== undefined, vision: imageInput, functionCalling: true },
  }
}
