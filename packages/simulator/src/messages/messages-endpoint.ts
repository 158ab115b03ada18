import { randomUUID } from "node:crypto"
import { cacheUse } from "../chat/answer-chat.ts"
import { bearerOf } from "../chat/bearer.ts"
import { readChatWith } from "../chat/read-chat.ts"
import { composeAnswer } from "../chat/replies/compose-answer.ts"
import { usageOf } from "../chat/usage.ts"
import type { PlanHost } from "../hosts/host.ts"
import { jsonReply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import { type Admitted, admit } from "../plans/admission.ts"
import type { Endpoint, World } from "../world.ts"
import { messageDocument } from "./message-answer.ts"
import { messageStream } from "./message-stream.ts"
import { nativeError } from "./native-error.ts"
import { readMessagesRequest } from "./read-messages.ts"

/** `POST /apps/anthropic/v1/messages` with an API key. */
export function messagesEndpoint(host: PlanHost): Endpoint {
  return (received, world) => {
    const request = withBearer(received, host)
    const admitted = admit(request, readChatWith(readMessagesRequest, request.text), host, world)
    if ("refusal" in admitted) return nativeError(admitted.refusal)
    const { chat, answeredBy: model } = admitted
    const scenario = world.scenario.present.chat
    const answer = composeAnswer(chat, scenario)
    const message = {
      id: `msg_${randomUUID()}`,
      model,
      answer,
      usage: usageOf(chat, answer, messageCacheUse(request, admitted, host, world)),
    }
    if (!chat.stream) return jsonReply(200, messageDocument(message))
    return {
      status: 200,
      headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
      body: messageStream(message, { ...scenario, signal: request.signal }),
    }
  }
}

/** The Token Plan does not accept a key in `x-api-key`; the other plans do. */
function withBearer(request: SimulatorRequest, { plan }: PlanHost): SimulatorRequest {
  const key = request.headers["x-api-key"]
  if (plan === "token" || typeof key !== "string" || request.headers.authorization !== undefined) return request
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${key}` } }
}

/** Marks do not need a header here. */
function messageCacheUse(request: SimulatorRequest, { chat }: Admitted, host: PlanHost, world: World) {
  const key = host.audience === "region" ? bearerOf(request) : undefined
  return key === undefined ? undefined : cacheUse(chat, key, world)
}
