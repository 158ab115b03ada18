import * as v from "valibot"
import { AS_PUBLISHED, type Behaviour } from "./behaviour.ts"
import { provideElectron, spawnOpener } from "./browser.ts"
import { CallableSchema } from "./callable.ts"
import { type HostPartsOptions, hostParts } from "./host-parts.ts"
import { watchRunning } from "./left-running.ts"
import type { Manifest } from "./manifest.ts"
import type { MemorySecrets } from "./memory-storage.ts"
import { type NetworkOptions, pluginNetwork, type SeenRequest } from "./network.ts"
import type { LogLine } from "./output.ts"
import { asPlugin, type PluginCode, registerPlugin } from "./plugin-code.ts"
import { type InstalledPlugin, installPlugin } from "./plugin-folder.ts"
import type { HostedProvider } from "./provider.ts"
import type { SettingsPage } from "./settings.ts"
import type { Shown, User } from "./user.ts"
import { AlmaRefusal } from "./violations.ts"
import { watchGlobals } from "./watched-globals.ts"

/** Options of the fake Alma. */
export interface HostOptions extends NetworkOptions, HostPartsOptions {
  /** How this Alma differs from the published one. */
  readonly behaviour?: Partial<Behaviour>
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
  readonly behaviour: Behaviour
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
  /** The id of a model as this Alma sends it. */
  modelId(id: string): string
  /** The texts that the user can read now. */
  visible(): string
  /** Presses a button of an open confirm dialog or of a notification. Throws when there is no such button. */
  press(label: string): void
  /** Cancels the newest open progress, as the user. Throws when the user cannot. */
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
  const behaviour = { ...AS_PUBLISHED, ...options.behaviour }
  const installed = await installPlugin(folder, behaviour.entry)
  const stopWatching = watchGlobals()
  const host = prepare(installed, options, behaviour, stopWatching)
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

function prepare(installed: InstalledPlugin, options: HostOptions, behaviour: Behaviour, stopWatching: () => void) {
  const { manifest } = installed
  const touched: string[] = []
  const plugin = {
    manifest,
    folder: installed.folder,
    storage: installed.storage,
    run: <T>(task: () => T) => asPlugin(code, task),
  }
  const { state, violations, output, user, ui, commands, providers, settings, context, ...storage } = hostParts(
    plugin,
    behaviour,
    options,
  )
  const { secrets, local, workspace } = storage
  const network = pluginNetwork(manifest, violations, { ...options, domains: behaviour.domains })
  const code: PluginCode = {
    url: installed.mainUrl,
    fetch: network.fetch,
    touched(what) {
      touched.push(what)
      if (what !== "http.createServer" || manifest.permissions.includes("network:localhost")) return
      violations.note("The plugin listens on this computer without network:localhost.")
    },
    spawn: spawnOpener(behaviour.browser, ui.opened),
    wrote: ([first, ...rest]) => output.logged({ level: "console", message: String(first), details: rest }),
  }
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

  let removeElectron = () => {}

  async function activate(): Promise<void> {
    if (behaviour.browser === "electron") removeElectron = await provideElectron(installed.mainUrl, ui.opened)
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
    for (const provider of providers.registered.all()) {
      if (behaviour.first === "getModels") await provider.getModels()
      if (provider.has("initialize")) await provider.initialize()
    }
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
    removeElectron()
    await installed.remove()
  }

  const api: AlmaHost = {
    manifest,
    behaviour,
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
    modelId(id) {
      const provider = `${manifest.id}:${manifest.contributes.providers[0]?.id}:${id}`
      return { plain: id, "plugin and provider": provider, qualified: `plugin:${provider}` }[behaviour.modelIds]
    },
    visible: ui.visible,
    press: ui.press,
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
