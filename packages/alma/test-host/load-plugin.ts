import * as v from "valibot"
import { CallableSchema } from "./callable.ts"
import { almaCommands } from "./commands.ts"
import { pluginContext } from "./context.ts"
import type { HostState } from "./host-state.ts"
import { watchRunning } from "./left-running.ts"
import type { Manifest } from "./manifest.ts"
import { type MemorySecrets, memorySecrets } from "./memory-storage.ts"
import { type NetworkOptions, pluginNetwork, type SeenRequest } from "./network.ts"
import { type LogLine, Output } from "./output.ts"
import { asPlugin, type PluginCode, registerPlugin } from "./plugin-code.ts"
import { type InstalledPlugin, installPlugin } from "./plugin-folder.ts"
import { almaProviders, type HostedProvider } from "./provider.ts"
import { pluginSettings, type SettingsPage } from "./settings.ts"
import { almaUi, type UiMember } from "./ui.ts"
import { type Shown, scriptedUser, type User } from "./user.ts"
import { AlmaRefusal, Violations } from "./violations.ts"
import { watchGlobals } from "./watched-globals.ts"

/** Options of the fake Alma. */
export interface HostOptions extends NetworkOptions {
  /** Alma's storage. Pass the storage of a previous host to simulate a restart. */
  readonly secrets?: MemorySecrets
  readonly local?: Map<string, string>
  readonly workspace?: Map<string, string>
  /** The settings that the user has changed. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Members of `context.ui` that this Alma lacks. */
  readonly absent?: readonly UiMember[]
}

/** The plugin's access to the network and the system. */
interface Use {
  readonly requests: readonly SeenRequest[]
  /** Node functions for files, the network or processes that the plugin's own code called, for example `fs.readFile`. */
  readonly touched: readonly string[]
}

/** Alma with one plugin. */
export interface AlmaHost extends Use {
  readonly manifest: Manifest
  /** Alma's copy of the plugin's folder. */
  readonly folder: string
  readonly user: User
  readonly secrets: MemorySecrets
  /** `storage.local` and `storage.workspace`, as JSON. */
  readonly local: Map<string, string>
  readonly workspace: Map<string, string>
  readonly settings: SettingsPage
  /** The access until the plugin was active and its providers initialised. A start should need none. */
  readonly start: Use
  /** What Alma showed to the user, in order. */
  readonly shown: readonly Shown[]
  readonly log: readonly LogLine[]
  /** All texts that reached the user or a log, in order. */
  readonly texts: readonly string[]
  /** Calls that Alma may not accept, even if the plugin caught the error. */
  readonly violations: readonly string[]
  /** Returns and clears the violations. */
  takeViolations(): string[]
  /** Runs a command as the palette does. @throws what the command throws */
  run(id: string, ...args: readonly unknown[]): Promise<unknown>
  /** A registered provider. @param id the first one when omitted */
  provider(id?: string): HostedProvider
  /** Cancels the newest open progress, as the user. */
  cancelProgress(): void
  /** Disposes the plugin. A second call does nothing. */
  dispose(): Promise<void>
  /** Lists the plugin's timers, sockets, servers, requests, progresses and registrations that still exist. */
  leaks(): Promise<string[]>
  /**
   * Disposes the plugin and restores the process's globals. A second call does nothing.
   * @throws AlmaRefusal when there were violations or leaks
   */
  close(): Promise<void>
}

const Module = v.object({ activate: CallableSchema })
const Activation = v.object({ dispose: CallableSchema })

// Vite rewrites `import()` in this file. The data URL keeps Node's own.
const nodeImport = "data:text/javascript,export const load = (url) => import(url)"
const Loader = v.object({ load: CallableSchema })

/**
 * Starts Alma with one plugin: checks its folder, loads a new instance, activates it and initialises its providers. While the plugin is
 * loaded, the process's `fetch` and console and Node's modules are watched. Calls from other code are not affected.
 * @param folder the plugin's folder; its name is the plugin's id
 * @throws AlmaRefusal when Alma would not load the plugin, or the plugin's own error
 */
export async function loadPlugin(folder: string, options: HostOptions = {}): Promise<AlmaHost> {
  const installed = await installPlugin(folder)
  const stopWatching = watchGlobals()
  const host = prepare(installed, options, stopWatching)
  try {
    await host.activate()
    return host.api
  } catch (error) {
    await host.unload()
    throw error
  }
}

/** All texts that reached the user or a log: notifications, dialogs, progress, opened URLs, logs, console, uncaught errors. */
export function allOutput({ texts }: Pick<AlmaHost, "texts">): string {
  return texts.join("\n")
}

function prepare(installed: InstalledPlugin, options: HostOptions, stopWatching: () => void) {
  const { manifest } = installed
  const violations = new Violations()
  const output = new Output()
  const touched: string[] = []
  const network = pluginNetwork(manifest, violations, options)
  const code: PluginCode = {
    url: installed.mainUrl,
    fetch: network.fetch,
    touched: (what) => void touched.push(what),
    wrote: ([first, ...rest]) => output.logged({ level: "console", message: String(first), details: rest }),
  }
  const state: HostState = { manifest, violations, output, leaks: [], run: (task) => asPlugin(code, task) }
  const user = scriptedUser(violations)
  const ui = almaUi(state, user, new Set(options.absent))
  const commands = almaCommands(state)
  const providers = almaProviders(state)
  const settings = pluginSettings(state, options.settings ?? {})
  const { secrets = memorySecrets(), local = new Map(), workspace = new Map() } = options
  const parts = { plugin: installed, secrets, local, workspace, ui, commands, providers, settings }
  const context = pluginContext(state, parts)
  const unregister = registerPlugin(code)
  const running = watchRunning(code)
  let activation: v.InferOutput<typeof Activation> | undefined
  let start: Use = { requests: [], touched: [] }
  let loaded = true

  async function recordingErrors<T>(task: () => T | Promise<T>): Promise<T> {
    try {
      return await state.run(task)
    } catch (error) {
      output.thrown(error)
      throw error
    }
  }

  async function activate(): Promise<void> {
    const loader = v.parse(Loader, await import(/* @vite-ignore */ nodeImport))
    const module = parseResult(Module, await recordingErrors(() => loader.load(installed.mainUrl)), "main.js")
    activation = parseResult(
      Activation,
      await recordingErrors(() => module.activate(context)),
      "The result of activate",
    )
    for (const { id } of manifest.contributes.commands) {
      if (!commands.has(id)) violations.note(`The command ${id} is in the manifest but not registered.`)
    }
    for (const { id } of manifest.contributes.providers) {
      if (providers.registered.get(id) === undefined)
        violations.note(`The provider ${id} is in the manifest but not registered.`)
    }
    for (const provider of providers.registered.all()) if (provider.has("initialize")) await provider.initialize()
    start = { requests: [...network.requests], touched: [...touched] }
  }

  async function dispose(): Promise<void> {
    const current = activation
    activation = undefined
    if (current !== undefined) await recordingErrors(() => current.dispose())
  }

  async function leaks(): Promise<string[]> {
    const open = network.requests.filter(({ outcome }) => outcome === "open")
    return [
      ...(await running.list()),
      ...open.map(({ method, url }) => `request ${method} ${url}`),
      ...state.leaks.flatMap((list) => list()),
    ]
  }

  async function unload(): Promise<void> {
    if (!loaded) return
    loaded = false
    running.end()
    unregister()
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
        await unload()
      }
      const found = violations.take()
      if (found.length > 0) throw new AlmaRefusal(found.join("\n"))
    },
  }
  return { api, activate, unload }
}

function parseResult<T extends v.GenericSchema>(schema: T, value: unknown, what: string): v.InferOutput<T> {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  throw new AlmaRefusal(`${what}: ${parsed.issues.map(({ message }) => message).join("; ")}`)
}
