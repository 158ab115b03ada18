import { randomUUID } from "node:crypto"
import { jsonReply, type Reply } from "../http/reply.ts"
import { parseJson } from "../json.ts"
import type { FreeTier } from "../scenario/scenario.ts"
import type { Endpoint, World } from "../world.ts"
import { apiError, ruleBroken, tokenRejected } from "./api-error.ts"
import { bearerAccepted } from "./bearer.ts"
import { brokenRule } from "./body-rules.ts"
import { type ChatRequest, MalformedRequestError, readChatRequest } from "./chat-request.ts"
import { completion } from "./completion.ts"
import { completionStream } from "./completion-stream.ts"
import { composeAnswer } from "./replies/compose-answer.ts"
import { usageOf } from "./usage.ts"

/** `POST /v1/chat/completions`, as the OAuth route has it. Streams when the body says so, whatever `Accept` says. */
export const completionsEndpoint: Endpoint = (request, world) => {
  const scenario = world.scenario.present
  if (!bearerAccepted(request, world)) return tokenRejected()
  const ended = freeTierEnded(scenario.freeTier)
  if (ended !== undefined) return ended

  const chat = readRequest(request.text)
  if (typeof chat === "string") return ruleBroken(chat)
  const refusal = scenario.bodyRules ? brokenRule(chat) : undefined
  return refusal ?? answered(chat, world, request.signal)
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

/** The request, or what is wrong with its form. */
function readRequest(text: string): ChatRequest | string {
  const body = parseJson(text)
  if (body === undefined) return "The body is not JSON"
  try {
    return readChatRequest(body)
  } catch (error) {
    if (error instanceof MalformedRequestError) return error.message
    throw error
  }
}

function answered(chat: ChatRequest, world: World, signal: AbortSignal): Reply {
  const scenario = world.scenario.present.chat
  const answer = composeAnswer(chat, scenario)
  const usage = usageOf(chat, answer, world.promptCache)
  const head = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(world.clock.now() / 1000),
    model: chat.model,
    system_fingerprint: null,
  }
  if (!chat.stream) return jsonReply(200, completion(head, answer, usage))
  const { chunkDelayMs, omitFinish } = scenario
  const options = { usage: chat.includeUsage ? usage : undefined, chunkDelayMs, omitFinish, signal }
  return {
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
    body: completionStream(head, answer, options),
  }
}
