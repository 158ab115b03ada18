import type { Platform } from "qwen-auth-core"
import type { AlmaUi } from "../host.ts"

/** Interval at which cancellation is checked and the message is updated. */
const POLL_MS = 250

/** The progress dialog, as a task uses it. */
export interface Progress {
  /** Aborts when the user cancels or the outer signal aborts. */
  readonly signal: AbortSignal
  /** Sets the message. The function is called again every 250 ms, for example for a countdown. */
  show(message: () => string): void
}

/**
 * Runs a task behind Alma's progress dialog. Alma has no event for cancellation, so its token is polled.
 * @param outer ends the task too
 * @throws what the task throws
 */
export function cancellable<T>(
  platform: Pick<Platform, "setInterval">,
  ui: AlmaUi,
  title: string,
  outer: AbortSignal,
  task: (progress: Progress) => Promise<T>,
): Promise<T> {
  return ui.withProgress({ title, cancellable: true }, async (dialog, token) => {
    const cancel = new AbortController()
    let message: (() => string) | undefined
    let shown: string | undefined
    const update = async () => {
      if (token.isCancellationRequested) cancel.abort()
      const text = message?.()
      if (text === shown || text === undefined) return
      shown = text
      try {
        dialog.report({ message: text })
      } catch {
        // The task goes on without the message.
      }
    }
    const stop = platform.setInterval(POLL_MS, update)
    try {
      return await task({
        signal: AbortSignal.any([outer, cancel.signal]),
        show(next) {
          message = next
          void update()
        },
      })
    } finally {
      stop()
    }
  })
}
