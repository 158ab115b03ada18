import { randomUUID } from "node:crypto"
import { readChat } from "../chat/read-chat.ts"
import { composeAnswer } from "../chat/replies/compose-answer.ts"
import { usageOf } from "../chat/usage.ts"
import type { PlanHost } from "../hosts/host.ts"
import { jsonReply, streamReply } from "../http/reply.ts"
import { admit } from "../plans/admission.ts"
import type { Endpoint } from "../world.ts"
import { readResponseRequest } from "./read-response-request.ts"
import { responseDocument } from "./response-document.ts"
import { responseStream } from "./response-stream.ts"

/** `POST {base}/responses` with an API key. Requests are stateless. */
export function responsesEndpoint(host: PlanHost): Endpoint {
  return (request, world) => {
    const admitted = admit(request, readChat(request.text, readResponseRequest), host, world)
    if ("refusal" in admitted) return admitted.refusal
    const { chat, answeredBy: model } = admitted
    const scenario = world.scenario.present.chat
    const answer = composeAnswer(chat, scenario)
    const created = Math.floor(world.clock.now() / 1000)
    const id = `resp_${randomUUID()}`
    const response = { id, created, model, answer, usage: usageOf(chat, answer, undefined) }
    if (!chat.stream) return jsonReply(200, responseDocument(response))
    return streamReply(responseStream(response, { ...scenario, signal: request.signal }))
  }
}
