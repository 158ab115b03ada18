import * as v from "valibot"
import type { OpenCodeServer } from "./opencode-server.ts"

/** Longer than OpenCode's own tries together, on a busy machine too. */
const LONGEST_ANSWER_MS = 150_000

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

/** A model as OpenCode's interfaces name it. */
export interface SessionModel {
  readonly providerID: string
  readonly modelID: string
}

/** A conversation in OpenCode's server. */
export interface Session {
  /** @throws TimeoutError when OpenCode does not end by itself */
  ask(text: string, model?: SessionModel): Promise<SessionAnswer>
}

export const CODER_MODEL: SessionModel = { providerID: "alibaba", modelID: "coder-model" }

/** Begins a conversation with a model; it has a title, so that OpenCode does not ask for one. */
export async function startSession(server: OpenCodeServer, usual = CODER_MODEL): Promise<Session> {
  const { id } = v.parse(Session, await (await server.post("/session", { title: "e2e" })).json())
  return {
    async ask(text, model = usual) {
      const late = AbortSignal.timeout(LONGEST_ANSWER_MS)
      const asked = { model, parts: [{ type: "text", text }] }
      try {
        return read(await (await server.post(`/session/${id}/message`, asked, late)).json())
      } catch (error) {
        // OpenCode would go on asking, in the log of the next test.
        if (late.aborted) await server.post(`/session/${id}/abort`)
        throw error
      }
    },
  }
}

function read(answer: unknown): SessionAnswer {
  const { info, parts } = v.parse(Message, answer)
  const texts = parts.flatMap((part) => (part.type === "text" && part.text !== undefined ? [part.text] : []))
  return { text: texts.join("\n"), error: info.error?.data.message, cachedTokens: info.tokens.cache.read }
}
