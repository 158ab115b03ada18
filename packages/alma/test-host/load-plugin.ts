import * as v from "valibot"
import { CallableSchema } from "./callable.ts"
import { almaCommands } from "./commands.ts"
import { pluginContext } from "./context.ts"
import type { Desk } from "./desk.ts"
import { watchRunning } from "./left-running.ts"
import type { Manifest } from "./manifest.ts"
import { type MemorySecrets, memorySecrets } from "./memory-storage.ts"
import { type NetworkOptions, pluginNetwork, type SeenRequest } from "./network.ts"
import { type Person, type Shown, scriptedPerson } from "./person.ts"
import { asPlugin, type PluginCode, present } from "./plugin-code.ts"
import { type InstalledPlugin, installPlugin } from "./plugin-folder.ts"
import { almaProviders, type HostedProvider } from "./provider.ts"
import { type LogLine, Said } from "./said.ts"
import { pluginSettings, type SettingsPage } from "./settings.ts"
import { almaUi, type UiMember } from "./ui.ts"
import { AlmaRefusal, Violations } from "./violations.ts"
import { watchGlobals } from "./watched-globals.ts"

/** What the Alma of a test is like. */
export interface HostOptions extends NetworkOptions {
  /** What Alma keeps. Hand in that of another host: the app was restarted. */
  readonly secrets?: MemorySecrets
  readonly local?: Map<string, string>
  readonly workspace?: Map<string, string>
  /** What the person set before. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Members of `context.ui` that this Alma lacks. */
  readonly absent?: readonly UiMember[]
}

/** What a plugin did. */
interface Use {
  readonly requests: readonly SeenRequest[]
  /** Functions of Node that reach files, the network or other programs, called by the plugin's own code: `fs.readFile`. */
  readonly touched: readonly string[]
}

/** Alma with one plugin in it. */
export interface AlmaHost extends Use {
  readonly manifest: Manifest
  /** Alma's copy of the plugin's folder. */
  readonly folder: string
  readonly user: Person
  readonly secrets: MemorySecrets
  /** `storage.local` and `storage.workspace`, as JSON. */
  readonly local: Map<string, string>
  readonly workspace: Map<string, string>
  readonly settings: SettingsPage
  /** What happened until the plugin was active and its providers initialised: a start must neither wait nor ask anyone. */
  readonly start: Use
  /** What stood in front of the person, in order. */
  readonly shown: readonly Shown[]
  readonly log: readonly LogLine[]
  /** What reached a person or a log, in order. */
  readonly texts: readonly string[]
  /** What the plugin did that Alma may not stand, also if the plugin caught the error. */
  readonly violations: readonly string[]
  /** All violations so far, which are then forgiven. */
  takeViolations(): string[]
  /** A command of the palette. @throws what the command throws */
  run(id: string, ...given: readonly unknown[]): Promise<unknown>
  /** @param id the only one without it */
  provider(id?: string): HostedProvider
  /** The person cancels the newest progress that is open. */
  cancelProgress(): void
  /** Switches the plugin off; the second time does nothing. */
  dispose(): Promise<void>
  /** Timers, sockets, servers, requests, progresses and registrations of the plugin that are still there. */
  leaks(): Promise<string[]>
  /**
   * Switches the plugin off and puts the process's globals back; the second time does nothing.
   * @throws AlmaRefusal when there were violations, or something was left
   */
  close(): Promise<void>
}

const Module = v.object({ activate: CallableSchema })
const Activation = v.object({ dispose: CallableSchema })

// Vite would resolve an import of its own; this one is Node's.
const nodeImport = "data:text/javascript,export const load = (url) => import(url)"
const Loader = v.object({ load: CallableSchema })

/**
 * Starts Alma with the plugin in a folder: checks it, loads a new instance of it, activates it and initialises its providers. While it
 * is loaded the process's `fetch` and console and Node's modules are watched; only what the plugin does is touched.
 * @param folder what would lie in Alma's plugins folder; its name is the plugin's id
 * @throws AlmaRefusal when Alma would not load it, or the plugin's own error
 */
export async function loadPlugin(folder: string, options: HostOptions = {}): Promise<AlmaHost> {
  const installed = await installPlugin(folder)
  const stopWatching = watchGlobals()
  const host = prepare(installed, options, stopWatching)
  try {
    await host.activate()
    return host.api
  } catch (error) {
    await host.giveUp()
    throw error
  }
}

/** Everything that reached a person or a log: notices, dialogs, progress, opened addresses, logs, the console, errors let out. */
export function everythingSaid({ texts }: Pick<AlmaHost, "texts">): string {
  return texts.join("\n")
}

function prepare(installed: InstalledPlugin, options: HostOptions, stopWatching: () => void) {
  const { manifest } = installed
  const violations = new Violations()
  const output = new Said()
  const touched: string[] = []
  const network = pluginNetwork(manifest, violations, options)
  const code: PluginCode = {
    url: installed.mainUrl,
    fetch: network.fetch,
    touched: (what) => void touched.push(what),
    wrote: ([first, ...rest]) => output.logged({ level: "console", message: String(first), details: rest }),
  }
  const dialogs: Desk = { manifest, violations, output, leaks: [], run: (task) => asPlugin(code, task) }
  const user = scriptedPerson(violations)
  const ui = almaUi(dialogs, user, new Set(options.absent))
  const commands = almaCommands(dialogs)
  const providers = almaProviders(dialogs)
  const settings = pluginSettings(dialogs, options.settings ?? {})
  const { secrets = memorySecrets(), local = new Map(), workspace = new Map() } = options
  const parts = { plugin: installed, secrets, local, workspace, ui, commands, providers, settings }
  const context = pluginContext(dialogs, parts)
  const forget = present(code)
  const running = watchRunning(code)
  let activation: v.InferOutput<typeof Activation> | undefined
  let start: Use = { requests: [], touched: [] }
  let loaded = true

  async function guarded<T>(task: () => T | Promise<T>): Promise<T> {
    try {
      return await dialogs.run(task)
    } catch (error) {
      output.thrown(error)
      throw error
    }
  }

  async function activate(): Promise<void> {
    const loader = v.parse(Loader, await import(/* @vite-ignore */ nodeImport))
    const module = accepted(Module, await guarded(() => loader.load(installed.mainUrl)), "main.js")
    activation = accepted(Activation, await guarded(() => module.activate(context)), "What activate gave")
    for (const { id } of manifest.contributes.commands) {
      if (!commands.has(id)) violations.note(`The command ${id} is in the manifest, but not registered.`)
    }
    for (const { id } of manifest.contributes.providers) {
      if (providers.registered.get(id) === undefined)
        violations.note(`The provider ${id} is in the manifest, but not registered.`)
    }
    for (const provider of providers.registered.all()) if (provider.has("initialize")) await provider.initialize()
    start = { requests: [...network.requests], touched: [...touched] }
  }

  async function dispose(): Promise<void> {
    const { dispose: end } = activation ?? {}
    const self = activation
    activation = undefined
    if (end !== undefined) await guarded(() => Reflect.apply(end, self, []))
  }

  async function leaks(): Promise<string[]> {
    const open = network.requests.filter(({ outcome }) => outcome === "open")
    return [
      ...(await running.list()),
      ...open.map(({ method, url }) => `request ${method} ${url}`),
      ...dialogs.leaks.flatMap((still) => still()),
    ]
  }

  async function giveUp(): Promise<void> {
    if (!loaded) return
    loaded = false
    running.end()
    forget()
    stopWatching()
    await installed.remove()
  }

  const api: AlmaHost = {
    manifest,
    folder: installed.folder,
    user,
    secrets,
    local,
    workspace,
    settings: settings.page,
    requests: network.requests,
    touched,
    get start() {
      return start
    },
    shown: ui.shown,
    log: output.log,
    texts: output.texts,
    get violations() {
      return violations.found
    },
    takeViolations: () => violations.take(),
    run: commands.run,
    provider(id) {
      const found = id === undefined ? providers.registered.all()[0] : providers.registered.get(id)
      if (found === undefined) throw new Error(`No provider ${id ?? ""} is registered.`)
      return found
    },
    cancelProgress: ui.cancelProgress,
    dispose,
    leaks,
    async close() {
      if (!loaded) return
      try {
        await dispose()
        const rest = await leaks()
        if (rest.length > 0) violations.note(`The plugin left behind: ${rest.join(", ")}.`)
      } finally {
        await giveUp()
      }
      const found = violations.take()
      if (found.length > 0) throw new AlmaRefusal(found.join("\n"))
    },
  }
  return { api, activate, giveUp }
}

function accepted<T extends v.GenericSchema>(schema: T, value: unknown, what: string): v.InferOutput<T> {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  throw new AlmaRefusal(`${what}: ${parsed.issues.map(({ message }) => message).join("; ")}`)
}
