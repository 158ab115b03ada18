import { randomUUID } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"
import { jsonReply, type Reply, streamReply } from "../http/reply.ts"
import type { World } from "../world.ts"
import type { ChatRequest } from "./chat-request.ts"
import { completion } from "./completion.ts"
import { completionStream } from "./completion-stream.ts"
import { promptBlocks } from "./prompt-blocks.ts"
import type { CacheUse } from "./prompt-cache.ts"
import { composeAnswer } from "./replies/compose-answer.ts"
import { usageOf } from "./usage.ts"

/** The parts of a request other than its body that an answer depends on. */
export interface AnswerOptions {
  headers: IncomingHttpHeaders
  signal: AbortSignal
  /** The owner of the prompt cache; `undefined` if this host has none. */
  cache: string | undefined
  /** The model name in the answer. */
  answeredBy: string
}

/** The answer to an accepted chat request. It is streamed when the body requests it, whatever the `Accept` header. */
export function answerChat(chat: ChatRequest, world: World, options: AnswerOptions): Reply {
  const scenario = world.scenario.present.chat
  const answer = composeAnswer(chat, scenario)
  const usage = usageOf(chat, answer, enabledCacheUse(chat, world, options))
  const head = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(world.clock.now() / 1000),
    model: options.answeredBy,
    system_fingerprint: null,
  }
  if (!chat.stream) return jsonReply(200, completion(head, answer, usage))
  const sentUsage = chat.includeUsage ? usage : undefined
  return streamReply(completionStream(head, answer, sentUsage, { ...scenario, signal: options.signal }))
}

/** Marks have an effect only in a request whose header enables the cache. */
function enabledCacheUse(chat: ChatRequest, world: World, { headers, cache }: AnswerOptions): CacheUse | undefined {
  return headers["x-dashscope-cachecontrol"] === "enable" ? cacheUse(chat, cache, world) : undefined
}

/** The use of the prompt cache of `owner` by a request; `undefined` without an owner or without marks. */
export function cacheUse(chat: ChatRequest, owner: string | undefined, world: World): CacheUse | undefined {
  if (owner === undefined) return undefined
  const blocks = promptBlocks(chat)
  if (!blocks.some(({ marked }) => marked)) return undefined
  return world.promptCache.use(blocks, `${owner}\n${chat.model}`, world.clock.now())
}
