import type { Credential } from "qwen-auth-core"
import type { AlmaChoice, AlmaContext, AlmaProvider, AlmaUi } from "../host.ts"
import { memorySecrets } from "./memory-secrets.ts"

/** The user's answer to a dialog: `undefined` closes it, and a promise delays the answer. */
type Answer = string | undefined | Promise<string | undefined>

export interface FakeAlmaOptions {
  /** The labels that the user chooses, one for each quick pick. */
  readonly picks?: readonly Answer[]
  /** The texts that the user enters, one for each input box. */
  readonly inputs?: readonly Answer[]
  readonly confirmed?: boolean
  /** `absent` omits the member, because the published types do not have it. */
  readonly openExternal?: ((url: string) => unknown) | "absent"
  readonly settings?: Readonly<Record<string, unknown>>
  readonly stored?: Credential | string
}

type InputBox = NonNullable<Parameters<AlmaUi["showInputBox"]>[0]>

interface Progress {
  readonly title: string
  readonly cancellable: boolean | undefined
  readonly messages: (string | undefined)[]
  readonly token: { isCancellationRequested: boolean }
  open: boolean
}

/** A fake of the Alma API that the plugin uses. It records the plugin's calls and answers dialogs as the test specifies. */
export function fakeAlma(options: FakeAlmaOptions = {}) {
  const picks = [...(options.picks ?? [])]
  const inputs = [...(options.inputs ?? [])]
  const secrets = memorySecrets(options.stored)
  const settings = new Map(Object.entries(options.settings ?? {}))
  const asked: { choices: AlmaChoice<unknown>[]; title: string | undefined }[] = []
  const boxes: InputBox[] = []
  const notices: { message: string; type: string | undefined; duration: number | undefined }[] = []
  const errors: string[] = []
  const confirms: string[] = []
  const opened: string[] = []
  const progress: Progress[] = []
  const logged: { level: string; details: unknown[] }[] = []
  const read: string[] = []
  const commands = new Map<string, () => Promise<unknown>>()
  const providers: AlmaProvider[] = []
  const disposed: string[] = []
  const { openExternal = () => true } = options
  const log =
    (level: string) =>
    (...details: unknown[]) =>
      void logged.push({ level, details })
  const ui: AlmaUi = {
    showNotification: (message, { type, duration } = {}) => void notices.push({ message, type, duration }),
    showError: (message) => void errors.push(message),
    async showQuickPick(choices, { title } = {}) {
      asked.push({ choices, title })
      const label = await picks.shift()
      const chosen = choices.find((choice) => choice.label === label)
      if (label !== undefined && chosen === undefined) throw new Error(`no such choice: ${label}`)
      return chosen?.value
    },
    async showInputBox(box = {}) {
      boxes.push(box)
      return inputs.shift()
    },
    async showConfirmDialog(message) {
      confirms.push(message)
      return options.confirmed ?? true
    },
    async withProgress({ title, cancellable }, task) {
      const shown: Progress = {
        title,
        cancellable,
        messages: [],
        token: { isCancellationRequested: false },
        open: true,
      }
      progress.push(shown)
      try {
        return await task({ report: ({ message }) => void shown.messages.push(message) }, shown.token)
      } finally {
        shown.open = false
      }
    },
    ...(openExternal === "absent"
      ? {}
      : {
          openExternal(url: string) {
            opened.push(url)
            return openExternal(url)
          },
        }),
  }
  const context: AlmaContext = {
    logger: { debug: log("debug"), warn: log("warn"), error: log("error") },
    storage: { secrets },
    commands: {
      register(id, handler) {
        commands.set(id, handler)
        return { dispose: () => void disposed.push(id) }
      },
    },
    providers: {
      register(definition) {
        providers.push(definition)
        return { dispose: () => void disposed.push(definition.id) }
      },
    },
    ui,
    settings: {
      get(key) {
        read.push(key)
        return settings.get(key)
      },
    },
  }
  return {
    context,
    ui,
    secrets,
    settings,
    /** Quick picks. */
    asked,
    /** Input boxes. */
    boxes,
    notices,
    errors,
    confirms,
    opened,
    progress,
    logged,
    /** Keys of the settings that were read. */
    read,
    commands,
    providers,
    disposed,
    /** All texts that were visible to the user, except those of dialogs. */
    shown: () => [...notices.map(({ message }) => message), ...errors, ...progress.flatMap(({ messages }) => messages)],
    /** Cancels the newest progress. */
    cancel() {
      const last = progress.at(-1)
      if (last !== undefined) last.token.isCancellationRequested = true
    },
  }
}
