import { setTimeout as sleep } from "node:timers/promises"
import * as v from "valibot"
import type { OpenCodeServer } from "./opencode-server.ts"
import { CODER_MODEL, createSession } from "./opencode-session.ts"

const LONGEST_WAIT_MS = 150_000

const Statuses = v.record(
  v.string(),
  v.variant("type", [
    v.object({ type: v.literal("retry"), message: v.string(), next: v.number() }),
    v.object({ type: v.picklist(["busy", "idle"]) }),
  ]),
)

/** The notice in OpenCode's interfaces while it waits for a retry. `opencode run` shows none. */
export interface RetryNotice {
  readonly message: string
  /** The time of the retry, epoch ms. */
  readonly next: number
  /** OpenCode started to wait between these times, epoch ms: before the first request, and when the wait was noticed. */
  readonly askedAt: number
  readonly seenAt: number
}

/** Asks a question that fails temporarily, returns the notice, and aborts the session so that OpenCode does not retry. */
export async function retryNotice(server: OpenCodeServer): Promise<RetryNotice> {
  const id = await createSession(server)
  const askedAt = Date.now()
  await server.post(`/session/${id}/prompt_async`, { model: CODER_MODEL, parts: [{ type: "text", text: "Hello" }] })
  try {
    for (const end = askedAt + LONGEST_WAIT_MS; Date.now() < end; await sleep(50)) {
      const status = v.parse(Statuses, await (await server.get("/session/status")).json())[id]
      if (status?.type === "retry") {
        return { message: status.message, next: status.next, askedAt, seenAt: Date.now() }
      }
    }
    throw new Error("OpenCode did not wait for a retry.")
  } finally {
    await server.post(`/session/${id}/abort`)
  }
}
