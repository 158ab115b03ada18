import type { Logger } from "qwen-auth-core"
import type { AlmaUi } from "../host.ts"

/** Alma's notifications. They never throw: a sign-in goes on when Alma cannot show a message. */
export interface Notices {
  info(message: string): void
  success(message: string): void
  error(message: string): void
  /**
   * Shows a message that stays until the user closes it. It has a button, unless Alma does not accept functions from plugins.
   * @param withoutButton is added to the message when there is no button
   */
  staying(message: string, button: { readonly label: string; readonly press: () => void }, withoutButton: string): void
}

export function almaNotices(ui: AlmaUi, log: Pick<Logger, "warn">): Notices {
  /** Shows the message in the first of these ways that Alma accepts. */
  function show(...ways: readonly (() => void)[]): void {
    let failure: unknown
    for (const way of ways) {
      try {
        way()
        return
      } catch (error) {
        failure = error
      }
    }
    log.warn("Alma did not show a message.", { error: failure })
  }
  return {
    info: (message) => show(() => ui.showNotification(message, { type: "info" })),
    success: (message) => show(() => ui.showNotification(message, { type: "success" })),
    error: (message) =>
      show(
        () => ui.showError(message),
        () => ui.showNotification(message, { type: "error" }),
      ),
    staying(message, { label, press }, withoutButton) {
      const alone = `${message}\n${withoutButton}`
      show(
        () => ui.showNotification(message, { type: "info", duration: 0, action: { label, callback: press } }),
        () => ui.showNotification(alone, { type: "info", duration: 0 }),
        () => ui.showWarning(alone),
      )
    },
  }
}
