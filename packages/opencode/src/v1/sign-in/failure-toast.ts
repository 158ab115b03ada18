import type { PluginInput } from "@opencode-ai/plugin"
import { HOST_TIMEOUT_MS } from "../host/host-timeout.ts"

const SHOWN_MS = 15_000

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
