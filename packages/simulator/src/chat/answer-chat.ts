import { randomUUID } from "node:crypto"
import { jsonReply, type Reply } from "../http/reply.ts"
import type { World } from "../world.ts"
import type { ChatRequest } from "./chat-request.ts"
import { completion } from "./completion.ts"
import { completionStream } from "./completion-stream.ts"
import { composeAnswer } from "./replies/compose-answer.ts"
import { usageOf } from "./usage.ts"

/** The answer to a chat request that nothing speaks against. Streams when the body says so, whatever `Accept` says. */
export function answerChat(chat: ChatRequest, world: World, signal: AbortSignal): Reply {
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
