import type { Platform } from "qwen-auth-core"
import type { AlmaUi } from "../host.ts"

/** Interval at which cancellation is checked and the message is updated. */
const POLL_MS = 250

/** The progress dialog, as a task uses it. */
export interface Progress {
  /** Aborts when the user cancels or the outer signal aborts. */
  readonly signal: AbortSignal
  /** Cancels the task, as the user does in the progress dialog. */
  cancel(): void
  /** Sets the message. The function is called again every 250 ms, for example for a countdown. */
  show(message: () => string): void
}

type Dialog = Parameters<Parameters<NonNullable<AlmaUi["withProgress"]>>[1]>

/**
 * Runs a task behind Alma's progress dialog. The dialog only shows the task: when it is missing, throws or is never shown, the task runs
 * without it. Alma has no event for cancellation, so its token is polled.
 * @param outer ends the task too
 * @throws what the task throws
 */
export async function withProgress<T>(
  platform: Pick<Platform, "setInterval" | "log">,
  ui: AlmaUi,
  title: string,
  outer: AbortSignal,
  task: (progress: Progress) => Promise<T>,
): Promise<T> {
  const cancel = new AbortController()
  const ended = new AbortController()
  let dialog: Dialog | undefined
  let message: (() => string) | undefined
  let shown: string | undefined
  const update = async () => {
    if (dialog === undefined || ended.signal.aborted) return
    try {
      const [progress, token] = dialog
      if (token.isCancellationRequested) cancel.abort()
      const text = message?.()
      if (text === shown || text === undefined) return
      shown = text
      progress.report({ message: text })
    } catch {
      // The task goes on without the message.
    }
  }
  openDialog(platform, ui, title, ended.signal, (...opened) => {
    dialog = opened
    void update()
  })
  const stop = platform.setInterval(POLL_MS, update)
  try {
    return await task({
      signal: AbortSignal.any([outer, cancel.signal]),
      cancel: () => cancel.abort(),
      show(next) {
        message = next
        void update()
      },
    })
  } finally {
    stop()
    ended.abort()
  }
}

/** Shows the dialog until `ended` aborts. */
function openDialog(
  { log }: Pick<Platform, "log">,
  ui: AlmaUi,
  title: string,
  ended: AbortSignal,
  opened: (...dialog: Dialog) => void,
): void {
  const show = async () => {
    await ui.withProgress?.({ title, cancellable: true }, async (...dialog) => {
      opened(...dialog)
      if (!ended.aborted) await new Promise((resolve) => ended.addEventListener("abort", resolve, { once: true }))
    })
  }
  show().catch((error: unknown) => log.debug("Alma did not show the progress.", { error }))
}
