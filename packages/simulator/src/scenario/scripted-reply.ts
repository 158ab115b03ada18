import type { Reply } from "../http/reply.ts"
import { type Answered, namedReply } from "./named-answers.ts"
import type { ScriptedAnswer } from "./scenario.ts"

/** The scripted reply. Without a content type, it gets one that fits its body. */
export function scriptedReply({ named, status, headers, body }: ScriptedAnswer, answered: Answered): Reply {
  if (named !== null) return namedReply(named, answered)
  const text = typeof body === "string" ? body : JSON.stringify(body)
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { status, headers: { "content-type": contentType(body), ...lowerCase }, body: text }
}

function contentType(body: unknown): string {
  if (typeof body !== "string") return "application/json"
  if (body.startsWith("data:")) return "text/event-stream; charset=utf-8"
  return body.trimStart().startsWith("<") ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"
}
