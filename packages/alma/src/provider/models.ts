import type { ApiEndpoint } from "qwen-auth-core"
import { type ModelFacts, offeredModels, PLAN_IDS, thinkingLevels } from "qwen-auth-core/internal"
import type { AlmaModel, ReasoningLevel } from "../host.ts"
import type { LiveLists } from "./live-lists.ts"
import { almaModelId } from "./model-id.ts"
import { qwenModels } from "./qwen-models.ts"

/** The levels that Alma's selector has. It always offers to switch thinking off. */
const LEVELS: readonly ReasoningLevel[] = ["low", "medium", "high", "xhigh", "max", "ultra"]

/** The plan and region of the current sign-in's key; `undefined` with an account or without a sign-in. */
export type KeyPlan = Pick<ApiEndpoint, "plan" | "region"> | undefined

/**
 * Returns the models of a sign-in.
 * @param live the ids that the service listed for the key. Without them, the catalogue's
 */
export function modelsOf(key: KeyPlan, live?: readonly string[]): AlmaModel[] {
  return factsOf(key, live).map(almaModel)
}

/**
 * Returns all models that any sign-in may have, those of the current one first. Alma looks up here what a model can do, and it never
 * forgets the ids that the user has enabled.
 * @param lists the service's lists, as last fetched
 */
export function allModels(key: KeyPlan, lists: LiveLists): AlmaModel[] {
  const keys = PLAN_IDS.flatMap((plan) => (["international", "china"] as const).map((region) => ({ plan, region })))
  const all = [
    ...factsOf(key),
    ...qwenModels(),
    ...keys.flatMap((other) => factsOf(other)),
    ...keys.flatMap((other) => factsOf(other, lists[other.plan])),
  ]
  const byId = new Map<string, ModelFacts>()
  for (const facts of all) if (!byId.has(facts.id)) byId.set(facts.id, facts)
  return [...byId.values()].map(almaModel)
}

function factsOf(key: KeyPlan, live?: readonly string[]): readonly ModelFacts[] {
  if (key === undefined) return qwenModels()
  return offeredModels(key.plan, key.region, live).map((facts) => ({ ...facts, id: almaModelId(facts.id) }))
}

function almaModel(facts: ModelFacts): AlmaModel {
  const { id, name, contextTokens, outputTokens, imageInput, thinking } = facts
  const abilities = [...(thinking === undefined ? [] : ["thinks"]), ...(imageInput ? ["takes images"] : [])]
  const levels = thinkingLevels(facts)
  const reasoningLevels = LEVELS.filter((level) => levels.includes(level))
  return {
    id,
    name,
    description: abilities.length === 0 ? name : `${name} (${abilities.join(", ")})`,
    contextWindow: contextTokens,
    maxOutputTokens: outputTokens,
    capabilities: {
      streaming: true,
      reasoning: thinking !== undefined,
      functionCalling: true,
      vision: imageInput,
      attachment: imageInput,
      input: { text: true, image: imageInput },
      output: { text: true },
      ...(reasoningLevels.length === 0 ? {} : { reasoningLevels }),
    },
  }
}
