import type { Endpoint } from "../world.ts"
import { answerChat } from "./answer-chat.ts"
import { ruleBroken } from "./api-error.ts"
import { tokenRefusal } from "./bearer.ts"
import { brokenRule } from "./body-rules.ts"
import { freeTierEnded } from "./free-tier.ts"
import { readChat } from "./read-chat.ts"

/** All tokens share one prompt cache, because tokens are refreshed while it exists. */
const ACCOUNT = "account"

/** `POST /v1/chat/completions` of the OAuth route. */
export const completionsEndpoint: Endpoint = (request, world) => {
  const scenario = world.scenario.present
  const refused = tokenRefusal(request, world) ?? freeTierEnded(scenario.freeTier)
  if (refused !== undefined) return refused

  const chat = readChat(request.text)
  if (typeof chat === "string") return ruleBroken(chat)
  const refusal = scenario.bodyRules ? brokenRule(chat) : undefined
  if (refusal !== undefined) return refusal
  const { headers, signal } = request
  return answerChat(chat, world, { headers, signal, cache: ACCOUNT, answeredBy: chat.model })
}
