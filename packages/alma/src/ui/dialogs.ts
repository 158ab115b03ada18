import { type Logger, QwenAuthError } from "qwen-auth-core"
import type { AlmaChoice, AlmaUi } from "../host.ts"
import { userMessage } from "../messages.ts"

/**
 * Lets the user choose. Only the labels cross to Alma's window, so a choice may have any value.
 * @param choices have different labels
 * @returns `undefined` when the user closed the dialog
 */
export async function choose<T>(
  ui: AlmaUi,
  choices: readonly AlmaChoice<T>[],
  options: { readonly title: string; readonly placeholder?: string },
): Promise<T | undefined> {
  const items = choices.map(({ label, description }) => ({
    label,
    ...(description === undefined ? {} : { description }),
    value: label,
  }))
  const label: unknown = await ui.showQuickPick(items, options)
  return choices.find((choice) => choice.label === label)?.value
}

/**
 * Asks the user in a dialog with two buttons.
 * @returns `undefined` when Alma has no such dialog, or when the user closed it without an answer
 */
export async function confirm(
  ui: AlmaUi,
  log: Pick<Logger, "debug">,
  message: string,
  options: Parameters<NonNullable<AlmaUi["showConfirmDialog"]>>[1],
): Promise<boolean | undefined> {
  try {
    const answer: unknown = await ui.showConfirmDialog?.(message, options)
    return typeof answer === "boolean" ? answer : undefined
  } catch (error) {
    log.debug("Alma did not show a dialog.", { error })
    return undefined
  }
}

/** An input box. Alma cannot call a function of it, for example to validate. */
interface InputBox {
  readonly title: string
  readonly prompt: string
  readonly placeholder: string
  readonly password?: boolean
}

/**
 * Asks for a text until it is valid. The next box says what is wrong.
 * @param parse throws a QwenAuthError when the text is not valid
 * @returns `undefined` when the user closed the box or entered nothing
 */
export async function askUntilValid<T>(ui: AlmaUi, box: InputBox, parse: (text: string) => T): Promise<T | undefined> {
  for (let { prompt } = box; ; ) {
    const text: unknown = await ui.showInputBox({ ...box, prompt })
    if (typeof text !== "string" || text.trim() === "") return undefined
    try {
      return parse(text)
    } catch (error) {
      if (!QwenAuthError.isInstance(error)) throw error
      prompt = `${userMessage(error)}\n${box.prompt}`
    }
  }
}
