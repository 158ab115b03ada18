import { answerChat } from "../chat/answer-chat.ts"
import { bearerOf } from "../chat/bearer.ts"
import { tooManyMarks } from "../chat/cache-marks.ts"
import { completionsEndpoint } from "../chat/completions-endpoint.ts"
import { inputTooLong } from "../chat/input-length.ts"
import type { PlanHost } from "../hosts/host.ts"
import { brokenModelRule, thinksAbout } from "../models/model-rules.ts"
import { REROUTED } from "../models/token-plan-models.ts"
import type { Endpoint } from "../world.ts"
import { admit } from "./admission.ts"
import { carriesTokenForHost } from "./plan-access.ts"

/** `POST {base}/chat/completions` with an API key: no body rules of the OAuth route. */
export function planChatEndpoint(host: PlanHost): Endpoint {
  return (request, world) => {
    if (carriesTokenForHost(request, host, world)) return completionsEndpoint(request, world)
    const admitted = admit(request, host, world)
    if ("refusal" in admitted) return admitted.refusal

    const { chat, model } = admitted
    const { inputLimit, strictModels } = world.scenario.present.plans
    const refusal =
      inputTooLong(chat, Math.min(inputLimit ?? model.inputTokens, model.inputTokens)) ??
      tooManyMarks(chat) ??
      (strictModels ? brokenModelRule(chat, model) : undefined)
    if (refusal !== undefined) return refusal

    const asked = strictModels ? { ...chat, enableThinking: thinksAbout(chat, model) } : chat
    return answerChat(asked, world, {
      signal: request.signal,
      model: host.plan === "token" ? REROUTED.get(chat.model) : undefined,
      // The hosts of workspaces know no marks.
      cache: host.audience === "region" ? bearerOf(request) : undefined,
      headers: request.headers,
    })
  }
}
