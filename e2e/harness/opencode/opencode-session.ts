import * as v from "valibot"
import type { OpenCodeServer } from "./opencode-server.ts"

/** Longer than all of OpenCode's own retries, even on a busy machine. */
const LONGEST_ANSWER_MS = 150_000

const Session = v.object({ id: v.string() })
const Message = v.object({
  info: v.object({
    error: v.optional(v.object({ data: v.object({ message: v.string() }) })),
    tokens: v.object({ input: v.number(), cache: v.object({ read: v.number() }) }),
  }),
  parts: v.array(v.object({ type: v.string(), text: v.optional(v.string()) })),
})

/** An answer in a conversation. */
interface SessionAnswer {
  readonly text: string
  /** As OpenCode's interfaces show it. */
  readonly error: string | undefined
  /** The number of prompt tokens that did not come from the provider's cache. */
  readonly inputTokens: number
  /** The number of prompt tokens that came from the provider's cache. */
  readonly cachedTokens: number
}

/** A model as OpenCode's interfaces name it. */
export interface SessionModel {
  readonly providerID: string
  readonly modelID: string
  /** One of the model's variants. */
  readonly variant?: string
}

/** A session in OpenCode's server. */
export interface Session {
  /** Asks a question. @throws TimeoutError when OpenCode does not answer in time */
  ask(text: string, model?: SessionModel): Promise<SessionAnswer>
}

export const CODER_MODEL: SessionModel = { providerID: "alibaba", modelID: "coder-model" }

/** Creates a session and returns its id. It has a title, so that OpenCode does not ask the model for one. */
export async function createSession(server: OpenCodeServer): Promise<string> {
  return v.parse(Session, await (await server.post("/session", { title: "e2e" })).json()).id
}

/** Starts a session for questions. */
export async function startSession(server: OpenCodeServer, defaultModel = CODER_MODEL): Promise<Session> {
  const id = await createSession(server)
  return {
    async ask(text, { variant, ...model } = defaultModel) {
      const timeout = AbortSignal.timeout(LONGEST_ANSWER_MS)
      const parts = [{ type: "text", text }]
      const message = variant === undefined ? { model, parts } : { model, variant, parts }
      try {
        return parseAnswer(await (await server.post(`/session/${id}/message`, message, timeout)).json())
      } catch (error) {
        // Otherwise OpenCode's retries would appear in the next test's log.
        if (timeout.aborted) await server.post(`/session/${id}/abort`)
        throw error
      }
    },
  }
}

function parseAnswer(message: unknown): SessionAnswer {
  const { info, parts } = v.parse(Message, message)
  const texts = parts.flatMap((part) => (part.type === "text" && part.text !== undefined ? [part.text] : []))
  const { input, cache } = info.tokens
  return {
    text: texts.join("\n"),
    error: info.error?.data.message,
    inputTokens: input,
    cachedTokens: cache.read,
  }
}
