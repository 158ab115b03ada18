import { asTest } from "./plugin-code.ts"
import type { Violations } from "./violations.ts"

/** Something that Alma showed to the user. */
export type Shown =
  | {
      readonly kind: "notification"
      readonly type: "info" | "success" | "warning" | "error"
      readonly text: string
      /** ms; 0 stays until the user closes it. */
      readonly duration: number | undefined
      /** The label of its button. */
      readonly action: string | undefined
    }
  | { readonly kind: "error" | "warning"; readonly text: string }
  | ShownPick
  | ShownInput
  | ShownConfirm
  | ShownProgress
  | { readonly kind: "opened"; readonly url: string; readonly by: string }
  | { readonly kind: "status bar"; readonly id: string; readonly text: string; readonly tooltip: string | undefined }

export interface ShownPick {
  readonly kind: "pick"
  readonly title: string | undefined
  readonly placeholder: string | undefined
  readonly items: readonly {
    readonly label: string
    readonly description: string | undefined
    readonly detail: string | undefined
  }[]
  /** The chosen label; `undefined` when the user closed the dialog or has not answered yet. */
  answer: string | undefined
}

export interface ShownInput {
  readonly kind: "input"
  readonly title: string | undefined
  readonly prompt: string | undefined
  readonly placeholder: string | undefined
  readonly password: boolean
  /** The text that the user typed, even if it was not valid. */
  answer: string | undefined
  /** Why the plugin did not accept the text. The dialog then counts as closed. */
  problem: string | undefined
}

export interface ShownConfirm {
  readonly kind: "confirm"
  readonly title: string | undefined
  readonly text: string
  readonly confirmLabel: string | undefined
  readonly cancelLabel: string | undefined
  readonly type: "info" | "warning" | "danger" | undefined
  answer: boolean | undefined
}

export interface ShownProgress {
  readonly kind: "progress"
  readonly title: string
  readonly cancellable: boolean
  readonly messages: string[]
  state: "open" | "done" | "failed"
  cancelled: boolean
}

/** The user's answer, or a function that computes it when the dialog opens. A promise keeps the dialog open. */
type Answer<T extends string | boolean | undefined, S> = T | ((dialog: S) => T | Promise<T>)

/**
 * The scripted user. Each kind of dialog has a queue of answers. A choice or an input box without an answer is refused; a confirm dialog
 * without one stays open until a button is pressed.
 */
export interface User {
  /** Chooses by label; `undefined` closes the dialog. */
  picks(...answers: readonly Answer<string | undefined, ShownPick>[]): void
  /** Types and confirms; `undefined` closes the dialog. */
  types(...answers: readonly Answer<string | undefined, ShownInput>[]): void
  confirms(...answers: readonly Answer<boolean, ShownConfirm>[]): void
  /** Whether Alma can open URLs. */
  openExternal: "works" | "throws"
  /** Plays the browser: called with every opened URL. Alma does not wait for it. */
  onOpen: ((url: string) => unknown) | undefined
  /** The number of answers that no dialog has used yet. */
  readonly unused: number
}

/** The user, as the dialogs see it. */
export interface ScriptedUser extends User {
  answerPick(dialog: ShownPick): Promise<string | undefined>
  answerInput(dialog: ShownInput): Promise<string | undefined>
  answerConfirm(dialog: ShownConfirm): Promise<boolean>
}

export function scriptedUser(violations: Violations): ScriptedUser {
  const picks: Answerer<string | undefined, ShownPick>[] = []
  const inputs: Answerer<string | undefined, ShownInput>[] = []
  const confirms: Answerer<boolean, ShownConfirm>[] = []

  async function next<T, S>(queue: Answerer<T, S>[], dialog: S, what: string): Promise<T> {
    const answer = queue.shift() ?? violations.refuse(`${what}: the test has no answer for it`)
    return asTest(() => answer(dialog))
  }

  return {
    picks: (...answers) => void picks.push(...answers.map(toAnswerer)),
    types: (...answers) => void inputs.push(...answers.map(toAnswerer)),
    confirms: (...answers) => void confirms.push(...answers.map(toAnswerer)),
    openExternal: "works",
    onOpen: undefined,
    get unused() {
      return picks.length + inputs.length + confirms.length
    },
    answerPick: (dialog) => next(picks, dialog, `The choice "${dialog.title ?? dialog.placeholder}"`),
    answerInput: (dialog) => next(inputs, dialog, `The question "${dialog.title ?? dialog.prompt}"`),
    answerConfirm: (dialog) => (confirms.length === 0 ? new Promise(() => {}) : next(confirms, dialog, dialog.text)),
  }
}

type Answerer<T, S> = (dialog: S) => T | Promise<T>

function toAnswerer<T extends string | boolean | undefined, S>(answer: Answer<T, S>): Answerer<T, S> {
  return typeof answer === "function" ? answer : () => answer
}
