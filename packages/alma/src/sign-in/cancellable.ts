import type { Platform } from "qwen-auth-core"
import type { AlmaUi } from "../host.ts"

/** How often the person's wish to cancel is looked for, and the time left is told, ms. */
const LOOK_MS = 250

/** What a task with a visible progress works with. */
export interface Progress {
  /** Aborts when the person cancels, or the outer signal does. */
  readonly signal: AbortSignal
  /** Tells something at each look, for example the time left. */
  show(message: () => string): void
}

/**
 * Runs a task behind Alma's progress. Alma does not say when the person cancels, it has to be asked.
 * @param outer ends the task too
 */
export function cancellable<T>(
  platform: Pick<Platform, "setInterval">,
  ui: AlmaUi,
  title: string,
  outer: AbortSignal,
  task: (visible: Progress) => Promise<T>,
): Promise<T> {
  return ui.withProgress({ title, cancellable: true }, async (progress, token) => {
    const cancel = new AbortController()
    let message: (() => string) | undefined
    let shown: string | undefined
    const look = async () => {
      if (token.isCancellationRequested) cancel.abort()
      const text = message?.()
      if (text === shown || text === undefined) return
      shown = text
      try {
        progress.report({ message: text })
      } catch {
        // A progress that cannot be shown is no reason to end what it shows.
      }
    }
    const stop = platform.setInterval(LOOK_MS, look)
    try {
      return await task({
        signal: AbortSignal.any([outer, cancel.signal]),
        show(next) {
          message = next
          void look()
        },
      })
    } finally {
      stop()
    }
  })
}
