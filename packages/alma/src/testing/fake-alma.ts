import type { Credential } from "qwen-auth-core"
import type { AlmaChoice, AlmaContext, AlmaProvider, AlmaUi } from "../host.ts"
import { memorySecrets } from "./memory-secrets.ts"

/** What a person does with a dialog: closes it with undefined, and may take time. */
type Answer = string | undefined | Promise<string | undefined>

export interface FakeAlmaOptions {
  /** What the person chooses, by its label, dialog after dialog. */
  readonly picks?: readonly Answer[]
  /** What the person enters, dialog after dialog. */
  readonly inputs?: readonly Answer[]
  readonly confirmed?: boolean
  /** `absent`: the types do not promise it. */
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

/** Alma as far as the plugin uses it. It tells what the plugin did, and the person in it does what the test says. */
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
    /** Settings that were read. */
    read,
    commands,
    providers,
    disposed,
    /** Everything that a person could have read. */
    shown: () => [...notices.map(({ message }) => message), ...errors, ...progress.flatMap(({ messages }) => messages)],
    /** The person presses cancel in the last progress. */
    cancel() {
      const last = progress.at(-1)
      if (last !== undefined) last.token.isCancellationRequested = true
    },
  }
}
