import { asTest } from "./plugin-code.ts"
import type { Violations } from "./violations.ts"

/** Something that Alma put in front of the person. */
export type Shown =
  | {
      readonly kind: "notification"
      readonly type: "info" | "success" | "warning" | "error"
      readonly text: string
      readonly duration: number | undefined
    }
  | { readonly kind: "error" | "warning"; readonly text: string }
  | ShownPick
  | ShownInput
  | ShownConfirm
  | ShownProgress
  | { readonly kind: "opened"; readonly url: string }
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
  /** The label that was chosen; undefined when the person closed it, or did not answer yet. */
  answer: string | undefined
}

export interface ShownInput {
  readonly kind: "input"
  readonly title: string | undefined
  readonly prompt: string | undefined
  readonly placeholder: string | undefined
  readonly password: boolean
  /** What the person typed, also when it did not pass. */
  answer: string | undefined
  /** Why the plugin did not take it: the dialog then counts as closed. */
  problem: string | undefined
}

export interface ShownConfirm {
  readonly kind: "confirm"
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

/** What the person answers, or what makes it up when the dialog stands there: a promise keeps it open. */
type Answer<T extends string | boolean | undefined, S> = T | ((dialog: S) => T | Promise<T>)

/** The person in front of Alma, scripted: answers wait in a queue for each kind of dialog. A dialog without one is refused. */
export interface Person {
  /** Chooses by label; undefined closes the dialog. */
  picks(...answers: readonly Answer<string | undefined, ShownPick>[]): void
  /** Types and confirms; undefined closes the dialog. */
  types(...answers: readonly Answer<string | undefined, ShownInput>[]): void
  confirms(...answers: readonly Answer<boolean, ShownConfirm>[]): void
  /** How Alma opens addresses. */
  openExternal: "works" | "throws"
  /** Is told every address that was opened, and plays the browser. Alma does not wait for it. */
  onOpen: ((url: string) => unknown) | undefined
  /** Answers that no dialog has asked for yet. */
  readonly unused: number
}

/** The queues behind a person. */
export interface ScriptedPerson extends Person {
  answerPick(dialog: ShownPick): Promise<string | undefined>
  answerInput(dialog: ShownInput): Promise<string | undefined>
  answerConfirm(dialog: ShownConfirm): Promise<boolean>
}

export function scriptedPerson(violations: Violations): ScriptedPerson {
  const picks: MadeUp<string | undefined, ShownPick>[] = []
  const inputs: MadeUp<string | undefined, ShownInput>[] = []
  const confirms: MadeUp<boolean, ShownConfirm>[] = []

  async function next<T, S>(queue: MadeUp<T, S>[], dialog: S, what: string): Promise<T> {
    const answer = queue.shift() ?? violations.refuse(`${what}: the test has no answer for it`)
    return asTest(() => answer(dialog))
  }

  return {
    picks: (...answers) => void picks.push(...answers.map(madeUp)),
    types: (...answers) => void inputs.push(...answers.map(madeUp)),
    confirms: (...answers) => void confirms.push(...answers.map(madeUp)),
    openExternal: "works",
    onOpen: undefined,
    get unused() {
      return picks.length + inputs.length + confirms.length
    },
    answerPick: (dialog) => next(picks, dialog, `The choice "${dialog.title ?? dialog.placeholder}"`),
    answerInput: (dialog) => next(inputs, dialog, `The question "${dialog.title ?? dialog.prompt}"`),
    answerConfirm: (dialog) => next(confirms, dialog, `The question "${dialog.text}"`),
  }
}

type MadeUp<T, S> = (dialog: S) => T | Promise<T>

function madeUp<T extends string | boolean | undefined, S>(answer: Answer<T, S>): MadeUp<T, S> {
  return typeof answer === "function" ? answer : () => answer
}
