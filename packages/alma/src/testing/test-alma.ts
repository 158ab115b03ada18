import * as v from "valibot"
import manifestJson from "../../manifest.json" with { type: "json" }
import { AS_PUBLISHED, type Behaviour } from "../../test-host/behaviour.ts"
import { hostParts } from "../../test-host/host-parts.ts"
import { Manifest } from "../../test-host/manifest.ts"
import type { MemorySecrets } from "../../test-host/memory-storage.ts"
import type { Shown } from "../../test-host/user.ts"
import type { AlmaContext, AlmaUi } from "../host.ts"

/** The user's answer to a dialog: `undefined` closes it, and a promise delays the answer. */
type Answer = string | undefined | Promise<string | undefined>

export interface TestAlmaOptions {
  /** The labels that the user chooses, one for each choice. */
  readonly picks?: readonly Answer[]
  /** The texts that the user enters, one for each input box. */
  readonly inputs?: readonly Answer[]
  readonly confirmed?: boolean
  readonly behaviour?: Partial<Behaviour>
  /** Replaces members of `context.ui`. */
  readonly ui?: Partial<AlmaUi>
  readonly settings?: Readonly<Record<string, unknown>>
  /** The secret storage of the context. */
  readonly hostSecrets?: MemorySecrets
}

const Context = v.custom<AlmaContext>((value) => typeof value === "object" && value !== null)

/** The test host's Alma without its loader: the plugin's parts run in the test itself. */
export function testAlma(options: TestAlmaOptions = {}) {
  const manifest = v.parse(Manifest, manifestJson)
  const behaviour = { ...AS_PUBLISHED, ...options.behaviour }
  const { settings, hostSecrets } = options
  const host = hostParts(
    { manifest, folder: "plugins/qwen-auth", storage: "storage", run: (task) => task() },
    behaviour,
    { ...(settings === undefined ? {} : { settings }), ...(hostSecrets === undefined ? {} : { secrets: hostSecrets }) },
  )
  const { user, ui, output, commands, providers, violations, local } = host
  user.picks(...(options.picks ?? []).map((answer) => () => answer))
  user.types(...(options.inputs ?? []).map((answer) => () => answer))
  if (options.confirmed !== undefined) user.confirms(options.confirmed)
  const { shown } = ui
  const context = v.parse(Context, host.context)
  const of = <K extends Shown["kind"]>(kind: K) =>
    shown.filter((one): one is Extract<Shown, { kind: K }> => one.kind === kind)
  return {
    context,
    ui: options.ui === undefined ? context.ui : withMembers(context.ui, options.ui),
    settings: host.settings.page,
    user,
    commands,
    providers,
    violations,
    local,
    log: output.log,
    texts: output.texts,
    shown,
    visible: ui.visible,
    press: ui.press,
    cancel: ui.cancelProgress,
    openInBrowser: async (url: string) => {
      ui.opened(url, "the test")
      return behaviour.browser !== "none"
    },
    /** What is still registered or open. */
    leaks: () => host.state.leaks.flatMap((list) => list()),
    picks: () => of("pick"),
    inputs: () => of("input"),
    notices: () => of("notification"),
    errors: () => of("error").map(({ text }) => text),
    confirms: () => of("confirm"),
    progress: () => of("progress"),
    opened: () => of("opened").map(({ url }) => url),
  }
}

/** A copy would read members that this Alma does not have. */
function withMembers(ui: AlmaUi, members: Partial<AlmaUi>): AlmaUi {
  return new Proxy(ui, {
    get: (target, key) => (Object.hasOwn(members, key) ? Reflect.get(members, key) : Reflect.get(target, key)),
  })
}
