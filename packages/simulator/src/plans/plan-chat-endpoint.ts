import { answerChat } from "../chat/answer-chat.ts"
import { completionsEndpoint } from "../chat/completions-endpoint.ts"
import { readChat } from "../chat/read-chat.ts"
import type { PlanHost } from "../hosts/host.ts"
import type { Endpoint } from "../world.ts"
import { admit } from "./admission.ts"
import { cacheOwner, carriesTokenForHost } from "./plan-access.ts"

/** `POST {base}/chat/completions` with an API key, without the body rules of the OAuth route. */
export function planChatEndpoint(host: PlanHost): Endpoint {
  return (request, world) => {
    if (carriesTokenForHost(request, host, world)) return completionsEndpoint(request, world)
    const admitted = admit(request, readChat(request.text), host, world)
    if ("refusal" in admitted) return admitted.refusal
    const { chat, answeredBy } = admitted
    const { headers, signal } = request
    return answerChat(chat, world, { headers, signal, cache: cacheOwner(request, host), answeredBy })
  }
}
