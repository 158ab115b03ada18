import type { PluginInput } from "@opencode-ai/plugin"

const SHOWN_MS = 15_000
/** OpenCode's server runs in the same process, so a slow response means that it is shutting down. */
const HOST_TIMEOUT_MS = 2_000

/**
 * Returns a function that shows a failed sign-in's message in OpenCode's full-screen interface. `opencode auth login`
 * prints what a method throws, but the interface and the desktop app show only "Unexpected server error" (observed).
 * Failures are ignored, because no interface may be running.
 */
export function failureToast(client: Pick<PluginInput["client"], "tui">): (message: string) => void {
  return (message) => {
    const body = { title: "Qwen sign-in", message, variant: "error" as const, duration: SHOWN_MS }
    Promise.resolve()
      .then(() => client.tui.showToast({ body, signal: AbortSignal.timeout(HOST_TIMEOUT_MS) }))
      .catch(() => {})
  }
}
