import type { Reply } from "../http/reply.ts"
import type { FreeTier } from "../scenario/scenario.ts"
import type { Endpoint } from "../world.ts"
import { answerChat } from "./answer-chat.ts"
import { apiError, ruleBroken, tokenRejected } from "./api-error.ts"
import { tokenRefusal } from "./bearer.ts"
import { brokenRule } from "./body-rules.ts"
import { readChat } from "./read-chat.ts"

/** `POST /v1/chat/completions`, as the OAuth route has it. */
export const completionsEndpoint: Endpoint = (request, world) => {
  const scenario = world.scenario.present
  const refused = tokenRefusal(request, world) ?? freeTierEnded(scenario.freeTier)
  if (refused !== undefined) return refused

  const chat = readChat(request.text)
  if (typeof chat === "string") return ruleBroken(chat)
  const refusal = scenario.bodyRules ? brokenRule(chat) : undefined
  return refusal ?? answerChat(chat, world, request.signal)
}

/** What chat answers now that the free tier has ended; each was observed. */
function freeTierEnded(freeTier: FreeTier): Reply | undefined {
  switch (freeTier) {
    case "on":
      return undefined
    case "ended-401":
      return tokenRejected()
    case "ended-429": {
      const message = "You exceeded your current quota, please check your plan and billing details."
      return apiError(429, "insufficient_quota", message, "insufficient_quota")
    }
    case "ended-403":
      return apiError(403, "insufficient_quota", "Free allocated quota exceeded.", "insufficient_quota")
  }
}
