import type { PluginInput } from "@opencode-ai/plugin"

const SHOWN_MS = 15_000
/** OpenCode's server is in the same process; it answers at once or is going down. */
const HOST_TIMEOUT_MS = 2_000

/**
 * Shows in OpenCode's full-screen interface why a sign-in failed. What a method throws is printed by `opencode auth login`, but the
 * interface and the desktop say only "Unexpected server error" (observed). Nobody may be there to see it.
 */
export function failureToast(client: Pick<PluginInput["client"], "tui">): (message: string) => void {
  return (message) => {
    const body = { title: "Qwen sign-in", message, variant: "error" as const, duration: SHOWN_MS }
    Promise.resolve()
      .then(() => client.tui.showToast({ body, signal: AbortSignal.timeout(HOST_TIMEOUT_MS) }))
      .catch(() => {})
  }
}
