import * as v from "valibot"
import type { OpenCodeServer } from "./opencode-server.ts"

const Session = v.object({ id: v.string() })
const Message = v.object({
  info: v.object({
    error: v.optional(v.object({ data: v.object({ message: v.string() }) })),
    tokens: v.object({ cache: v.object({ read: v.number() }) }),
  }),
  parts: v.array(v.object({ type: v.string(), text: v.optional(v.string()) })),
})

/** What came back in a conversation. */
interface SessionAnswer {
  readonly text: string
  /** As OpenCode's interfaces show it. */
  readonly error: string | undefined
  /** How much of the prompt came from the provider's cache. */
  readonly cachedTokens: number
}

/** A conversation in OpenCode's server. */
export interface Session {
  ask(text: string): Promise<SessionAnswer>
}

const QWEN = { providerID: "alibaba", modelID: "coder-model" }

/** Begins a conversation with a model; it has a title, so that OpenCode does not ask for one. */
export async function startSession(server: OpenCodeServer, model = QWEN): Promise<Session> {
  const { id } = v.parse(Session, await (await server.post("/session", { title: "e2e" })).json())
  return {
    async ask(text) {
      const answer = await server.post(`/session/${id}/message`, { model, parts: [{ type: "text", text }] })
      const { info, parts } = v.parse(Message, await answer.json())
      const texts = parts.flatMap((part) => (part.type === "text" && part.text !== undefined ? [part.text] : []))
      return { text: texts.join("\n"), error: info.error?.data.message, cachedTokens: info.tokens.cache.read }
    },
  }
}
