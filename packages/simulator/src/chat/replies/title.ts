import { type ChatRequest, textOf } from "../chat-request.ts"

/** Recognises a host's request for a title: a system message that asks for one, and no tools. */
export function asksForTitle(request: ChatRequest, system: string): boolean {
  return (
    (request.tools ?? []).length === 0 &&
    /\btitle generator\b|\b(generate|write|create)\b.{0,40}\btitle\b|\bthread title\b/is.test(system)
  )
}

/** A short title made of the first words of the last user message. */
export function titleFor(request: ChatRequest): string {
  const prompt = textOf(request.messages.findLast((message) => message.role === "user"))
  const words = prompt.match(/[\p{L}\p{N}][\p{L}\p{N}'’.-]*/gu)?.slice(0, 6) ?? []
  const title = words.join(" ").replace(/[.'’-]+$/, "")
  return title === "" ? "New conversation" : title.charAt(0).toUpperCase() + title.slice(1)
}
