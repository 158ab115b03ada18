import { MESSAGES } from "../messages.ts"
import { confirm } from "../ui/dialogs.ts"
import { almaNotices } from "../ui/notices.ts"
import type { Progress } from "../ui/progress.ts"
import type { SignInEnvironment } from "./environment.ts"

/** How often the page can be opened from one dialog. It bounds a dialog that confirms itself. */
const MAX_DIALOGS = 20

/** What the user needs to approve a sign-in in the browser. */
export interface Approval {
  readonly url: string
  /** The text to show. */
  readonly text: (opened: boolean) => string
}

/**
 * Opens the page of a sign-in, shows the address (and the code, if there is one), and waits for the approval. They stay readable, and the
 * sign-in can be cancelled, until `wait` ends: in a dialog that is shown again whenever the user closes it, because Alma may not show the
 * progress; where there is no dialog, in a notification that stays.
 * @param wait ends when the user has approved, or when the progress's signal aborts
 * @throws what `wait` throws
 */
export async function waitForApproval<T>(
  environment: SignInEnvironment,
  { url, text }: Approval,
  progress: Progress,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController()
  const message = text(await environment.openInBrowser(url))
  const shown = showUntil(environment, url, message, progress, ended.signal)
  shown.catch((error: unknown) => environment.platform.log.warn("Alma did not show the sign-in.", { error }))
  try {
    return await wait(progress.signal)
  } finally {
    ended.abort()
  }
}

async function showUntil(
  environment: SignInEnvironment,
  url: string,
  message: string,
  progress: Progress,
  ended: AbortSignal,
): Promise<void> {
  const { ui, platform } = environment
  const { login } = MESSAGES
  for (let count = 0; count < MAX_DIALOGS; count++) {
    const answer = await confirm(ui, platform.log, `${message}\n${login.dialogEnds}`, {
      title: login.title,
      confirmLabel: login.openAgain,
      cancelLabel: login.cancel,
      type: "info",
    })
    if (ended.aborted || progress.signal.aborted) return
    if (answer === false) return progress.cancel()
    if (answer === undefined) break
    await environment.openInBrowser(url)
  }
  const button = { label: login.cancel, press: progress.cancel }
  almaNotices(ui, platform.log).staying(message, button, login.cancelByCommand)
}
