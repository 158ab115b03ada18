import { modelNotFound, modelNotSupported, ruleBroken, unpurchased } from "../chat/api-error.ts"
import type { ChatRequest } from "../chat/chat-request.ts"
import { readChat } from "../chat/read-chat.ts"
import type { PlanHost } from "../hosts/host.ts"
import type { Reply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import type { ChatModel } from "../models/chat-model.ts"
import { servedModel } from "../models/served-models.ts"
import { CODING_CHECKS, type CodingCheck } from "../scenario/scenario.ts"
import type { World } from "../world.ts"
import type { Tier } from "./api-keys.ts"
import { agentRefusal } from "./coding-agents.ts"
import { chatKey, keyRefused } from "./plan-access.ts"

/** A chat request whose key, agent and model a plan host takes. */
export interface Admitted {
  chat: ChatRequest
  model: ChatModel
}

/** Looks at key, agent and model, in the order of the host; returns the refusal of the first that it does not take. */
export function admit(request: SimulatorRequest, host: PlanHost, world: World): Admitted | { refusal: Reply } {
  const { codingChecks, lists } = world.scenario.present.plans
  const key = chatKey(request, host, world)
  const tier = key?.tier ?? "team"
  const chat = readChat(request.text)
  const model = typeof chat === "string" ? undefined : servedModel(chat.model, host, tier, lists)

  const checks: Record<CodingCheck, () => Reply | undefined> = {
    key: () => (key === undefined ? keyRefused(request, host, world) : undefined),
    agent: () => (host.plan === "coding" ? agentRefusal(request, world) : undefined),
    model: () =>
      typeof chat === "string" || model !== undefined ? undefined : unknownModel(chat.model, host, tier, world),
  }
  for (const check of host.plan === "coding" ? codingChecks : CODING_CHECKS) {
    const refusal = checks[check]()
    if (refusal !== undefined) return { refusal }
  }
  if (typeof chat === "string" || model === undefined) return { refusal: ruleBroken(String(chat)) }
  return { chat, model }
}

function unknownModel(name: string, { plan }: PlanHost, tier: Tier, world: World): Reply {
  if (tier === "personal") return unpurchased()
  const current = world.scenario.present.plans.refusals === "current"
  return current && plan === "coding" ? modelNotSupported(name) : modelNotFound(name)
}
