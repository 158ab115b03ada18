import type { Plan, PlanHost } from "../hosts/host.ts"
import type { Tier } from "../plans/api-keys.ts"
import type { ChatModel } from "./chat-model.ts"
import { CODING_PLAN_MODELS } from "./coding-plan-models.ts"
import { CHINA_MODELS, INTERNATIONAL_MODELS, OTHER_MODELS } from "./pay-as-you-go-models.ts"
import { PERSONAL_MODELS, TEAM_MODELS } from "./token-plan-models.ts"

/** The ids of the models that a host lists for a key. Pay as you go also lists models that are not chat models. */
export function listedModels(host: PlanHost, tier: Tier): string[] {
  const chatModels = Object.keys(liveModels(host, tier))
  return host.plan === "payg" ? [...chatModels, ...OTHER_MODELS] : chatModels
}

/** The properties of a model on a host; `undefined` if it cannot chat there. */
export function servedModel(id: string, host: PlanHost, tier: Tier): ChatModel | undefined {
  const models = liveModels(host, tier)
  return Object.hasOwn(models, id) ? models[id] : undefined
}

function liveModels(host: PlanHost, tier: Tier): Readonly<Record<string, ChatModel>> {
  return tier === "personal" ? PERSONAL_MODELS : TABLES[host.plan](host)
}

const TABLES: Readonly<Record<Plan, (host: PlanHost) => Readonly<Record<string, ChatModel>>>> = {
  coding: () => CODING_PLAN_MODELS,
  token: () => TEAM_MODELS,
  payg: ({ region }) => (region === "china" ? CHINA_MODELS : INTERNATIONAL_MODELS),
}
