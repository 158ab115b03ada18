import * as v from "valibot"
import type { Simulator } from "../shared/simulator-process.ts"

const Part = v.looseObject({
  type: v.string(),
  text: v.optional(v.string()),
  image_url: v.optional(v.object({ url: v.string() })),
})
const ToolCall = v.object({ id: v.string(), function: v.object({ name: v.string(), arguments: v.string() }) })
const Message = v.object({
  role: v.string(),
  content: v.nullish(v.union([v.string(), v.array(Part)])),
  tool_calls: v.optional(v.array(ToolCall)),
  tool_call_id: v.optional(v.string()),
})
const Body = v.object({
  model: v.string(),
  messages: v.array(Message),
  tools: v.optional(v.array(v.object({ function: v.object({ name: v.string() }) }))),
})

/** A message that was sent. */
export type SentMessage = v.InferOutput<typeof Message>

/** A chat request that was sent. */
export type SentChat = v.InferOutput<typeof Body> & { readonly host: string }

/** The chat requests so far, oldest first. */
export async function sentChats(simulator: Simulator): Promise<SentChat[]> {
  return (await simulator.chats()).map(({ host, body }) => ({ host, ...v.parse(Body, body) }))
}

/** The text of a message, with all its parts. */
export function textOf(message: SentMessage | undefined): string {
  const content = message?.content ?? ""
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("")
}
