import { modelNotFound, modelNotSupported, ruleBroken, unpurchased } from "../chat/api-error.ts"
import type { ChatRequest } from "../chat/chat-request.ts"
import { inputTooLong, tooManyMarks } from "../chat/prompt-limits.ts"
import type { PlanHost } from "../hosts/host.ts"
import type { Reply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import type { ChatModel } from "../models/chat-model.ts"
import { brokenModelRule, thinksAbout } from "../models/model-rules.ts"
import { servedModel } from "../models/served-models.ts"
import { REROUTED } from "../models/token-plan-models.ts"
import { CODING_CHECKS, type CodingCheck } from "../scenario/scenario.ts"
import type { World } from "../world.ts"
import type { Tier } from "./api-keys.ts"
import { agentRefusal } from "./coding-agents.ts"
import { chatKey, keyRefused } from "./plan-access.ts"

/** A chat request that a plan host accepts. */
export interface Admitted {
  chat: ChatRequest
  /** The model that answers: the requested one, unless another replaces it. */
  answeredBy: string
}

/**
 * Checks key, agent and model in the order of the host, then the form of the request, then the rules of the model. Returns the
 * refusal of the first check that fails. `chat` is an error message when the body is not a chat request.
 */
export function admit(
  request: SimulatorRequest,
  chat: ChatRequest | string,
  host: PlanHost,
  world: World,
): Admitted | { refusal: Reply } {
  const { codingChecks } = world.scenario.present.plans
  const key = chatKey(request, host, world)
  const tier = key?.tier ?? "team"
  const model = typeof chat === "string" ? undefined : servedModel(chat.model, host, tier)

  const checks: Record<CodingCheck, () => Reply | undefined> = {
    key: () => (key === undefined ? keyRefused(request, host, world) : undefined),
    agent: () => (host.plan === "coding" ? agentRefusal(request, world) : undefined),
    model: () => (typeof chat === "string" || model !== undefined ? undefined : unknownModel(chat.model, host, tier)),
  }
  for (const check of host.plan === "coding" ? codingChecks : CODING_CHECKS) {
    const refusal = checks[check]()
    if (refusal !== undefined) return { refusal }
  }
  if (typeof chat === "string") return { refusal: ruleBroken(chat) }
  if (model === undefined) return { refusal: unknownModel(chat.model, host, tier) }
  return withinLimits(chat, model, host, world)
}

function withinLimits(
  chat: ChatRequest,
  model: ChatModel,
  host: PlanHost,
  world: World,
): Admitted | { refusal: Reply } {
  const { inputLimit, strictModels } = world.scenario.present.plans
  const refusal =
    inputTooLong(chat, Math.min(inputLimit ?? model.inputTokens, model.inputTokens)) ??
    tooManyMarks(chat) ??
    (strictModels ? brokenModelRule(chat, model) : undefined)
  if (refusal !== undefined) return { refusal }
  return {
    chat: strictModels ? { ...chat, enableThinking: thinksAbout(chat, model) } : chat,
    answeredBy: (host.plan === "token" ? REROUTED.get(chat.model) : undefined) ?? chat.model,
  }
}

function unknownModel(name: string, { plan }: PlanHost, tier: Tier): Reply {
  if (tier === "personal") return unpurchased()
  return plan === "coding" ? modelNotSupported(name) : modelNotFound(name)
}
