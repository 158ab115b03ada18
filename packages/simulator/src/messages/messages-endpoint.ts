import { randomUUID } from "node:crypto"
import { cacheUse } from "../chat/answer-chat.ts"
import { readChat } from "../chat/read-chat.ts"
import { composeAnswer } from "../chat/replies/compose-answer.ts"
import { usageOf } from "../chat/usage.ts"
import type { PlanHost } from "../hosts/host.ts"
import { jsonReply, type Reply, streamReply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import { isJsonObject, parseJson } from "../json.ts"
import { admit } from "../plans/admission.ts"
import { cacheOwner } from "../plans/plan-access.ts"
import type { Endpoint } from "../world.ts"
import { messageDocument } from "./message-answer.ts"
import { messageStream } from "./message-stream.ts"
import { readMessagesRequest } from "./read-messages.ts"

/** `POST /apps/anthropic/v1/messages` with an API key. */
export function messagesEndpoint(host: PlanHost): Endpoint {
  return (received, world) => {
    const request = withBearer(received, host)
    const admitted = admit(request, readChat(request.text, readMessagesRequest), host, world)
    if ("refusal" in admitted) return nativeError(admitted.refusal)
    const { chat, answeredBy: model } = admitted
    const scenario = world.scenario.present.chat
    const answer = composeAnswer(chat, scenario)
    // Marks do not need a header here.
    const usage = usageOf(chat, answer, cacheUse(chat, cacheOwner(request, host), world))
    const message = { id: `msg_${randomUUID()}`, model, answer, usage }
    if (!chat.stream) return jsonReply(200, messageDocument(message))
    return streamReply(messageStream(message, { ...scenario, signal: request.signal }))
  }
}

/** The Token Plan does not accept a key in `x-api-key`; the other plans do. */
function withBearer(request: SimulatorRequest, { plan }: PlanHost): SimulatorRequest {
  const key = request.headers["x-api-key"]
  if (plan === "token" || typeof key !== "string" || request.headers.authorization !== undefined) return request
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${key}` } }
}

/** A refusal of this route: code and message at the top level. */
function nativeError(reply: Reply): Reply {
  const document = typeof reply.body === "string" ? parseJson(reply.body) : undefined
  if (!isJsonObject(document) || !isJsonObject(document["error"])) return reply
  const { code, message } = document["error"]
  return jsonReply(reply.status, { code, message, request_id: document["request_id"] })
}
