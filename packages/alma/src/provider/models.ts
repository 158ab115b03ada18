import { type ModelFacts, PAY_AS_YOU_GO, type Plan, planOf } from "qwen-auth-core/internal"
import type { AlmaModel } from "../host.ts"
import type { SignInState } from "../storage/sign-in.ts"
import { QWEN_MODELS } from "./qwen-models.ts"

/** The models for the present sign-in: the eight of the account, or those of the key's plan. */
export function modelsFor({ credential }: SignInState): AlmaModel[] {
  if (credential?.type !== "api_key") return QWEN_MODELS.map(almaModel)
  return planModels(planOf(credential.plan)).map(almaModel)
}

/**
 * The models that the service named for a key, as far as something is known of them, in our order.
 * @param ids as the service lists them
 */
export function liveModels(plan: Plan, ids: readonly string[]): AlmaModel[] {
  const offered = new Set(ids)
  return planModels(plan)
    .filter(({ id }) => offered.has(apiModelId(id)))
    .map(almaModel)
}

/** What the API calls a model that Alma's users know by a shorter name. */
export function apiModelId(id: string): string {
  return id === "qwen3-235b-a22b-instruct" ? "qwen3-235b-a22b-instruct-2507" : id
}

function planModels(plan: Plan): readonly ModelFacts[] {
  if (plan.id !== PAY_AS_YOU_GO.id) return plan.models
  const known = new Set(plan.models.map(({ id }) => id))
  return [...plan.models, ...QWEN_MODELS.filter(({ id }) => !known.has(id))]
}

function almaModel({ id, name, contextTokens, outputTokens, imageInput, thinking }: ModelFacts): AlmaModel {
  const kinds = [thinking ? "thinks" : undefined, imageInput ? "takes images" : undefined].filter(Boolean)
  return {
    id,
    name,
    description: kinds.length === 0 ? name : `${name} (${kinds.join(", ")})`,
    contextWindow: contextTokens,
    maxOutputTokens: outputTokens,
    capabilities: { streaming: true, reasoning: thinking, vision: imageInput, functionCalling: true },
  }
}
