import { answerChat } from "../chat/answer-chat.ts"
import { modelNotFound, ruleBroken } from "../chat/api-error.ts"
import { completionsEndpoint } from "../chat/completions-endpoint.ts"
import { readChat } from "../chat/read-chat.ts"
import type { PlanHost } from "../hosts/host.ts"
import type { Endpoint } from "../world.ts"
import { agentRefusal } from "./coding-agents.ts"
import { carriesTokenForHost, keyRefusal } from "./plan-access.ts"
import { PLAN_MODELS } from "./plan-models.ts"

/** `POST {base}/chat/completions` with an API key: no body rules of the OAuth route. */
export function planChatEndpoint(host: PlanHost): Endpoint {
  return (request, world) => {
    if (carriesTokenForHost(request, host, world)) return completionsEndpoint(request, world)
    const refusal = keyRefusal(request, host, world)
    if (refusal !== undefined) return refusal
    const stranger = host.plan === "coding" ? agentRefusal(request, world) : undefined
    if (stranger !== undefined) return stranger

    const chat = readChat(request.text)
    if (typeof chat === "string") return ruleBroken(chat)
    return PLAN_MODELS[host.plan].chat.includes(chat.model)
      ? answerChat(chat, world, request.signal)
      : modelNotFound(chat.model)
  }
}
