import { setTimeout as sleep } from "node:timers/promises"
import * as v from "valibot"
import { startOpenCodeServer } from "./opencode-server.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { opencodeBinary } from "./with-opencode.ts"

const LONGEST_WAIT_MS = 30_000

const Session = v.object({ id: v.string() })
const Statuses = v.record(
  v.string(),
  v.variant("type", [
    v.object({ type: v.literal("retry"), message: v.string(), next: v.number() }),
    v.object({ type: v.picklist(["busy", "idle"]) }),
  ]),
)

/** What OpenCode's interfaces show while it waits to ask again; `opencode run` shows nothing in that time. */
export interface RetryNotice {
  readonly message: string
  /** How long it waits, ms. */
  readonly waitMs: number
}

/** Asks something that fails for now, and gives what OpenCode's interfaces are told. */
export async function retryNotice(home: ThrowawayHome): Promise<RetryNotice> {
  const server = await startOpenCodeServer(opencodeBinary, home)
  try {
    const { id } = v.parse(Session, await (await server.post("/session", { title: "e2e" })).json())
    const model = { providerID: "alibaba", modelID: "coder-model" }
    await server.post(`/session/${id}/prompt_async`, { model, parts: [{ type: "text", text: "Hello" }] })
    for (const end = Date.now() + LONGEST_WAIT_MS; Date.now() < end; await sleep(50)) {
      const status = v.parse(Statuses, await (await server.get("/session/status")).json())[id]
      if (status?.type === "retry") return { message: status.message, waitMs: status.next - Date.now() }
    }
    throw new Error("OpenCode did not wait to ask again.")
  } finally {
    server.stop()
  }
}
