import { type ModelFacts, offeredModels, thinkingLevels } from "qwen-auth-core/internal"
import type { AlmaModel } from "../host.ts"
import type { SignInState } from "../storage/sign-in.ts"
import { almaModelId, qwenModels } from "./qwen-models.ts"

/** The levels that Alma's selector knows. It always offers to switch thinking off. */
const ALMA_LEVELS = ["low", "medium", "high", "xhigh", "max", "ultra"] as const

/**
 * The models for the current sign-in: the eight of a Qwen account with an account or without a sign-in, or those of the
 * key's plan.
 * @param liveIds the ids that the service listed for the key; without them the catalogue's
 */
export function modelsFor({ credential }: SignInState, liveIds?: readonly string[]): AlmaModel[] {
  if (credential?.type !== "api_key") return qwenModels().map(almaModel)
  const models = offeredModels(credential.plan, credential.region, liveIds)
  return models.map((facts) => almaModel({ ...facts, id: almaModelId(facts.id) }))
}

function almaModel(facts: ModelFacts): AlmaModel {
  const { id, name, contextTokens, outputTokens, imageInput, thinking } = facts
  const abilities = [thinking === undefined ? [] : "thinks", imageInput ? "takes images" : []].flat()
  const levels = thinkingLevels(facts)
  const reasoningLevels = ALMA_LEVELS.filter((level) => levels.includes(level))
  return {
    id,
    name,
    description: abilities.length === 0 ? name : `${name} (${abilities.join(", ")})`,
    contextWindow: contextTokens,
    maxOutputTokens: outputTokens,
    capabilities: {
      streaming: true,
      reasoning: thinking !== undefined,
      vision: imageInput,
      functionCalling: true,
      ...(reasoningLevels.length === 0 ? {} : { reasoningLevels }),
    },
  }
}
