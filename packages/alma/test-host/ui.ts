import * as v from "valibot"
import { acrossProcess } from "./across-process.ts"
import type { Behaviour } from "./behaviour.ts"
import { CallableSchema } from "./callable.ts"
import type { HostState } from "./host-state.ts"
import { asTest } from "./plugin-code.ts"
import { listeners, type Registry, registry } from "./registry.ts"
import { strictObject } from "./strict-object.ts"
import type { ScriptedUser, Shown, ShownConfirm, ShownInput, ShownPick, ShownProgress } from "./user.ts"

const Message = v.pipe(v.string(), v.minLength(1, "must not be empty"))
const Text = v.optional(v.string())
const Notification = v.strictObject({
  type: v.optional(v.picklist(["info", "success", "warning", "error"])),
  duration: v.optional(v.pipe(v.number(), v.minValue(0))),
  // Without a callback, the action arrived from another process.
  action: v.optional(v.strictObject({ label: Message, callback: v.optional(CallableSchema) })),
})
const Items = v.pipe(
  v.array(v.strictObject({ label: Message, description: Text, detail: Text, value: v.unknown() })),
  v.minLength(1, "there must be something to choose from"),
  v.check((items) => new Set(items.map(({ label }) => label)).size === items.length, "labels must be unique"),
)
// `canSelectMany` is refused: its result has the type of a single value in the published types, so its meaning is not known.
const Pick = v.strictObject({ title: Text, placeholder: Text })
const Input = v.strictObject({
  title: Text,
  prompt: Text,
  placeholder: Text,
  value: Text,
  password: v.optional(v.boolean()),
  validateInput: v.optional(CallableSchema),
})
const Confirm = v.strictObject({
  title: Text,
  confirmLabel: Text,
  cancelLabel: Text,
  type: v.optional(v.picklist(["info", "warning", "danger"])),
})
const Progress = v.strictObject({ title: Message, cancellable: v.optional(v.boolean()) })
const Report = v.strictObject({ increment: v.optional(v.number()), message: Text })
const StatusBarItem = v.strictObject({
  id: Message,
  alignment: v.picklist(["left", "right"]),
  priority: v.optional(v.number()),
})

/** Alma's user interface, and what it showed. */
export interface Ui {
  /** `context.ui` */
  readonly api: object
  readonly shown: Shown[]
  /** The texts that the user can read now: open dialogs, open progresses, and notifications that stay. */
  visible(): string
  /** Presses a button of an open confirm dialog or of a notification that stays. Throws when there is no such button. */
  press(label: string): void
  /** Cancels the newest open progress, as the user. Throws when the user cannot. */
  cancelProgress(): void
  /** Shows that a web address was opened. The scripted user plays the browser. */
  opened(url: unknown, by: string): void
}

/**
 * Creates `context.ui` with the members of the published types and `openExternal`. Notifications need the permission `notifications`.
 */
export function almaUi(state: HostState, user: ScriptedUser, behaviour: Behaviour): Ui {
  const { violations, run, output } = state
  const shown: Shown[] = []
  const buttons = new Map<Shown, Readonly<Record<string, () => void>>>()
  const sent = (value: unknown) => acrossProcess(value, behaviour.functions)
  const statusBar = registry<object>("status bar item", state)
  const progresses = new Map<ShownProgress, { isCancellationRequested: boolean }>()
  state.leaks.push(() => [...progresses.keys()].map(({ title }) => `progress "${title}"`))

  function show<T extends Shown>(what: T, ...texts: readonly (string | undefined)[]): T {
    shown.push(what)
    output.shown(...texts)
    return what
  }

  function notify(kind: "error" | "warning", name: string, message: unknown): void {
    requirePermission(state, name)
    if (behaviour.notifications === "throw") throw new Error("The window is gone.")
    const text = violations.parse(Message, message, `ui.${name}`)
    show({ kind, text }, text)
  }

  const members = {
    showNotification(message: unknown, given: unknown = {}) {
      requirePermission(state, "showNotification")
      if (behaviour.notifications === "throw") throw new Error("The window is gone.")
      const text = violations.parse(Message, message, "ui.showNotification")
      const options = violations.parse(Notification, sent(given), "ui.showNotification")
      const { type = "info", duration, action } = options
      const notice = show({ kind: "notification", type, text, duration, action: action?.label }, text, action?.label)
      const callback = action?.callback
      if (action !== undefined && callback !== undefined) buttons.set(notice, { [action.label]: () => run(callback) })
    },
    showError: (message: unknown) => notify("error", "showError", message),
    showWarning: (message: unknown) => notify("warning", "showWarning", message),

    async showQuickPick(given: unknown, options: unknown = {}) {
      const items = violations.parse(Items, sent(given), "ui.showQuickPick")
      const { title, placeholder } = violations.parse(Pick, sent(options), "ui.showQuickPick")
      const texts = items.flatMap(({ label, description, detail }) => [label, description, detail])
      const rows = items.map(({ label, description, detail }) => ({ label, description, detail }))
      const dialog: ShownPick = { kind: "pick", title, placeholder, items: rows, answer: undefined }
      show(dialog, title, placeholder, ...texts)
      dialog.answer = await user.answerPick(dialog)
      if (dialog.answer === undefined) return undefined
      const chosen = items.find(({ label }) => label === dialog.answer)
      if (chosen !== undefined) return chosen.value
      const offered = items.map(({ label }) => `"${label}"`).join(", ")
      return violations.refuse(`ui.showQuickPick: "${dialog.answer}" is not offered, only ${offered}`)
    },

    async showInputBox(given: unknown = {}) {
      const input = violations.parse(Input, sent(given), "ui.showInputBox")
      const { title, prompt, placeholder, value, password = false, validateInput } = input
      const dialog: ShownInput = {
        kind: "input",
        title,
        prompt,
        placeholder,
        password,
        answer: undefined,
        problem: undefined,
      }
      show(dialog, title, prompt, placeholder, value)
      const answer = await user.answerInput(dialog)
      dialog.answer = answer
      if (answer === undefined || validateInput === undefined) return answer
      const problem = run(() => validateInput(answer))
      dialog.problem = violations.parse(v.optional(v.string()), problem, "ui.showInputBox: the result of validateInput")
      output.shown(dialog.problem)
      return dialog.problem === undefined ? answer : undefined
    },

    async showConfirmDialog(message: unknown, given: unknown = {}) {
      const text = violations.parse(Message, message, "ui.showConfirmDialog")
      if (behaviour.confirmDialog === "throws") throw new Error("The window is gone.")
      const options = violations.parse(Confirm, sent(given), "ui.showConfirmDialog")
      const { title, confirmLabel, cancelLabel, type } = options
      const dialog: ShownConfirm = { kind: "confirm", title, text, confirmLabel, cancelLabel, type, answer: undefined }
      show(dialog, title, text, confirmLabel, cancelLabel)
      const pressed = new Promise<boolean>((resolve) => {
        buttons.set(dialog, {
          [confirmLabel ?? "OK"]: () => resolve(true),
          [cancelLabel ?? "Cancel"]: () => resolve(false),
        })
      })
      dialog.answer = await Promise.race([user.answerConfirm(dialog), pressed])
      buttons.delete(dialog)
      return dialog.answer
    },

    async withProgress(given: unknown, task: unknown) {
      const { title, cancellable = false } = violations.parse(Progress, given, "ui.withProgress")
      const work = violations.parse(CallableSchema, task, "ui.withProgress: the task")
      if (behaviour.progress === "throws") throw new Error("The window is gone.")
      if (behaviour.progress === "never starts") return new Promise(() => {})
      const messages: string[] = []
      const dialog: ShownProgress = { kind: "progress", title, cancellable, messages, state: "open", cancelled: false }
      show(dialog, title)
      const token = { isCancellationRequested: false }
      progresses.set(dialog, token)
      const report = (value: unknown) => {
        const { message } = violations.parse(Report, value, "progress.report")
        if (dialog.state !== "open") violations.refuse("progress.report: the progress has ended")
        if (message === undefined) return
        messages.push(message)
        output.shown(message)
      }
      const readOnly = Object.defineProperty({}, "isCancellationRequested", {
        enumerable: true,
        get: () => token.isCancellationRequested,
      })
      try {
        const result = await run(() =>
          work(
            strictObject("progress", { report }, { violations }),
            strictObject("the progress's token", readOnly, { violations }),
          ),
        )
        dialog.state = "done"
        return result
      } catch (error) {
        dialog.state = "failed"
        throw error
      } finally {
        progresses.delete(dialog)
      }
    },

    createStatusBarItem: (given: unknown) => statusBarItem(state, statusBar, show, given),

    async openExternal(url: unknown) {
      opened(url, "ui.openExternal")
    },

    theme: strictObject(
      "context.ui.theme",
      {
        current: { id: "light", name: "Light", type: "light" },
        onChange: listeners("ui.theme.onChange", state).on,
      },
      { violations },
    ),
  }

  function opened(url: unknown, by: string): void {
    const text = violations.parse(v.pipe(v.string(), v.url()), url, by)
    if (!/^https?:$/.test(new URL(text).protocol)) violations.refuse(`${by}: ${text} is not a web address`)
    if (user.openExternal === "throws") throw new Error("No application is set to open web addresses.")
    show({ kind: "opened", url: text, by }, text)
    const { onOpen } = user
    if (onOpen === undefined) return
    asTest(() => onOpen(text)).catch((error: unknown) => violations.note(`onOpen: ${String(error)}`))
  }

  const absent = new Set<string>()
  if (behaviour.progress === "absent") absent.add("withProgress")
  if (behaviour.confirmDialog === "absent") absent.add("showConfirmDialog")
  if (behaviour.browser !== "openExternal") absent.add("openExternal")
  // The runtime of some versions has it.
  absent.add("startOAuthFlow")

  return {
    api: strictObject("context.ui", members, { violations, absent }),
    shown,
    opened,
    visible() {
      const progress = behaviour.progress === "shows nothing" ? [] : [...progresses.keys()]
      const rows = shown.flatMap((one) => {
        if (one.kind === "notification") return one.duration === 0 ? [one.text] : []
        if (one.kind === "confirm") return one.answer === undefined ? [one.title, one.text] : []
        return []
      })
      return [...rows, ...progress.flatMap(({ title, messages }) => [title, messages.at(-1)])]
        .filter(Boolean)
        .join("\n")
    },
    press(label) {
      const found = [...buttons.values()].findLast((labels) => Object.hasOwn(labels, label))?.[label]
      if (found === undefined) throw new Error(`There is no button "${label}".`)
      found()
    },
    cancelProgress() {
      const [dialog, token] = [...progresses].at(-1) ?? []
      if (dialog === undefined || token === undefined) throw new Error("No progress is open.")
      if (!dialog.cancellable || behaviour.progress !== "works") {
        throw new Error(`The progress "${dialog.title}" cannot be cancelled.`)
      }
      dialog.cancelled = true
      token.isCancellationRequested = true
    },
  }
}

function requirePermission({ manifest, violations }: HostState, member: string): void {
  if (manifest.permissions.includes("notifications")) return
  violations.refuse(`context.ui.${member} is not permitted: it needs notifications`)
}

function statusBarItem(
  { violations, run, output }: HostState,
  items: Registry<object>,
  show: (what: Shown, ...texts: readonly (string | undefined)[]) => Shown,
  given: unknown,
): object {
  const { id } = violations.parse(StatusBarItem, given, "ui.createStatusBarItem")
  const values = new Map<string, string | undefined>([["text", ""]])
  const text = (name: string) => ({
    enumerable: true,
    get: () => values.get(name),
    set(value: unknown) {
      values.set(name, violations.parse(v.optional(v.string()), value, `status bar item: ${name}`))
      if (name !== "command") output.shown(values.get(name))
    },
  })
  const registered: { dispose(): void } = items.add(id, {})
  const item = {
    show() {
      show({ kind: "status bar", id, text: values.get("text") ?? "", tooltip: values.get("tooltip") })
    },
    hide() {},
    dispose: () => run(() => registered.dispose()),
  }
  Object.defineProperties(item, { text: text("text"), tooltip: text("tooltip"), command: text("command") })
  return strictObject("status bar item", item, { violations })
}
