import type { Reply } from "../http/reply.ts"
import type { ScriptedAnswer } from "./scenario.ts"

/** The reply a scenario has in place of the real one. Without a content type of its own it gets one that fits its body. */
export function scriptedReply({ status, headers, body }: ScriptedAnswer): Reply {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { status, headers: { "content-type": contentType(body), ...named }, body: text }
}

function contentType(body: unknown): string {
  if (typeof body !== "string") return "application/json"
  if (body.startsWith("data:")) return "text/event-stream; charset=utf-8"
  return body.trimStart().startsWith("<") ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"
}
