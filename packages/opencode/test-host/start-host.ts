import { execFile } from "node:child_process"
import { promisify } from "node:util"
import * as v from "valibot"
import { type HostBehaviour, newest } from "./behaviour.ts"
import { type HostClock, systemClock } from "./clock.ts"
import { type PluginInstance, pluginContext } from "./context.ts"
import { removeCredential, switchCredential } from "./credentials.ts"
import { type Database, importAuthJson, memoryDatabase, type StoredCredential } from "./database.ts"
import { eventHub } from "./events.ts"
import type { HostState, SentRequest } from "./host-state.ts"
import { builtInIntegrations, integrationInfo } from "./integration-editor.ts"
import { type LoadedPlugin, loadDirectoryPlugins, loadPlugin, type PluginSource } from "./load-module.ts"
import { type LocationDomains, locationDomains } from "./location.ts"
import { runAsHost, watchConsole } from "./plugin-scope.ts"
import { hostSessions, type Sessions } from "./sessions.ts"
import { type ConnectOptions, type SignIn, signInAtCommandLine } from "./sign-in.ts"
import type { Answer, ConnectionInfo, IntegrationInfo, Model } from "./types.ts"
import { type Callable, CallableSchema, errorMessage, HostRefusal, Violations } from "./violations.ts"

/** Options of the fake OpenCode 2. */
export interface HostOptions {
  readonly behaviour?: HostBehaviour
  readonly clock?: HostClock
  /** Used for the model requests. The process's own by default. */
  readonly fetch?: typeof globalThis.fetch
  /** What is on disk. Pass the database of another host to play a second process or a restart. */
  readonly database?: Database
  /** The path of 1.x's auth.json, which is imported once. */
  readonly authJson?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** The person's `providers`. */
  readonly providers?: HostState["configuration"]
  /** Members of the context that this OpenCode lacks, for example `context.session`. */
  readonly absent?: readonly string[]
  /** Runs the program of a `command` method, in place of a process. */
  readonly runCommand?: HostState["runCommand"]
}

/** One open directory. */
interface OpenDirectory {
  readonly directory: string
  /** Resolves when every plugin is set up. */
  readonly ready: Promise<void>
  /** Calls the cleanups, then removes what the plugins registered. */
  close(): Promise<void>
}

/** A process of OpenCode 2. */
export interface OpenCodeHost extends Sessions {
  readonly behaviour: HostBehaviour
  readonly database: Database
  /** The model requests as they were sent, redirects included. */
  readonly requests: readonly SentRequest[]
  /** Why plugins did not load or set up. */
  readonly failures: readonly string[]
  /** What the CLI printed in sign-ins. */
  readonly printed: readonly string[]
  /** What the plugin did that OpenCode is not known to allow, even if the plugin caught the error. */
  readonly violations: readonly string[]
  /** Returns and clears the violations. */
  takeViolations(): string[]
  /** Installs a plugin in all directories. @throws PluginLoadError */
  install(source: PluginSource, options?: Readonly<Record<string, unknown>>): Promise<void>
  /** Opens a directory. @param wait with `false`, does not wait for `setup` */
  open(directory: string, wait?: boolean): Promise<OpenDirectory>
  /** Ends all plugins of a directory and sets them up again, as after a change of the configuration. */
  reload(directory?: string): Promise<void>
  /** Signs in as `auth login` does. @param method the id of a method, `key` or a command's id */
  connect(integrationID: string, method: string, answer?: Answer, options?: ConnectOptions): Promise<SignIn>
  credentials(): readonly StoredCredential[]
  removeCredential(id: string): void
  /** @throws Error in a version without activation */
  switchCredential(id: string): void
  active(integrationID: string, directory?: string): Promise<ConnectionInfo | undefined>
  integrations(directory?: string): Promise<IntegrationInfo[]>
  /** The offered models. @throws when a transform fails or a model is incomplete */
  models(directory?: string): Promise<Model[]>
  /** Replays the transforms, as OpenCode may at any time. */
  replay(directory?: string): Promise<void>
  /** What the plugins have registered and not removed. */
  leaks(): string[]
  /** Closes all directories. @throws HostRefusal when there were violations or leaks */
  close(): Promise<void>
}

interface RunningPlugin {
  readonly plugin: InstalledPlugin
  readonly cleanup: Callable | undefined
  /** Removes what the plugin registered. */
  readonly removeAll: () => void
}

interface InstalledPlugin extends LoadedPlugin {
  readonly options: Readonly<Record<string, unknown>>
}

interface Location {
  readonly domains: LocationDomains
  readonly running: RunningPlugin[]
  readonly own: InstalledPlugin[]
  ready: Promise<void>
}

/** Starts a process of OpenCode 2 without directories and plugins. */
export async function startHost(options: HostOptions = {}): Promise<OpenCodeHost> {
  const state = hostState(options)
  const { violations, database, behaviour } = state
  const stopWatching = watchConsole()
  const installed: InstalledPlugin[] = []
  const locations = new Map<string, Location>()
  const failures: string[] = []
  const registered = new Set<string>()
  await importOld(state, options)

  async function setUp(location: Location, plugin: InstalledPlugin): Promise<void> {
    const { instance, removeAll } = pluginInstance(plugin, state, registered)
    const context = pluginContext({ state, domains: location.domains, plugin: instance, absent: options.absent ?? [] })
    try {
      const result = await location.domains.run(async () => plugin.setup(context))
      const cleanup = v.is(CallableSchema, result) ? result : undefined
      if (result !== undefined && cleanup === undefined)
        violations.note("setup: the result is neither a function nor nothing")
      location.running.push({ plugin, cleanup, removeAll })
    } catch (error) {
      failures.push(errorMessage(error))
      removeAll()
    }
  }

  async function end({ running, domains }: Location): Promise<void> {
    for (const { cleanup, removeAll } of running.splice(0).reverse()) {
      try {
        await domains.run(async () => cleanup?.())
      } catch (error) {
        violations.note(`The cleanup failed: ${errorMessage(error)}`)
      }
      removeAll()
    }
  }

  function addAll(location: Location, plugins: readonly InstalledPlugin[]): Promise<void> {
    const before = location.ready
    location.ready = (async () => {
      await before
      for (const plugin of plugins) await setUp(location, plugin)
    })()
    return location.ready
  }

  async function located(directory: string | undefined): Promise<Location> {
    const location = directory === undefined ? [...locations.values()][0] : locations.get(directory)
    if (location === undefined) throw new Error(`The directory ${directory ?? ""} is not open.`)
    await location.ready
    return location
  }

  const ready = async (directory: string | undefined) => (await located(directory)).domains
  const sessions = hostSessions(state, ready)

  async function closeLocation(directory: string): Promise<void> {
    const location = locations.get(directory)
    if (location === undefined) return
    locations.delete(directory)
    await end(location)
    location.domains.end()
  }

  const leaks = () => [...registered]
  return {
    ...sessions,
    behaviour,
    database,
    requests: state.requests,
    failures,
    printed: state.printed,
    get violations() {
      return violations.found
    },
    takeViolations: () => violations.take(),
    async install(source, pluginOptions = {}) {
      const plugin = { ...(await loadPlugin(source, violations)), options: pluginOptions }
      installed.push(plugin)
      await Promise.all([...locations.values()].map((location) => addAll(location, [plugin])))
    },
    async open(directory, wait = true) {
      const own = await ownPlugins(directory, violations, failures)
      const location: Location = {
        domains: locationDomains(state, directory),
        running: [],
        own,
        ready: Promise.resolve(),
      }
      locations.set(directory, location)
      const set = addAll(location, [...installed, ...own])
      if (wait) await set
      return { directory, ready: set, close: () => closeLocation(directory) }
    },
    async reload(directory) {
      const location = await located(directory)
      await end(location)
      await addAll(location, [...installed, ...location.own])
    },
    connect: async (integrationID, method, answer, given = {}) =>
      signInAtCommandLine(state, await ready(given.directory), { integrationID, method, answer, ...given }),
    credentials: () => structuredClone(database.credentials),
    removeCredential: (id) => removeCredential(state, id),
    switchCredential: (id) => switchCredential(state, id),
    active: async (id, directory) => (await ready(directory)).active(id),
    integrations: async (directory) =>
      [...(await ready(directory)).integrations.read().values()]
        .map(integrationInfo)
        .map((info) => structuredClone(info)),
    models: async (directory) =>
      (await ready(directory))
        .offered()
        .map(({ model }) => structuredClone(model))
        .filter(({ enabled }) => enabled),
    async replay(directory) {
      const { integrations, providers, models } = await ready(directory)
      for (const fold of [integrations, providers, models]) fold.replay()
    },
    leaks,
    async close() {
      for (const directory of [...locations.keys()]) await closeLocation(directory)
      stopWatching()
      const rest = leaks()
      if (rest.length > 0) violations.note(`The plugin left behind: ${rest.join(", ")}.`)
      const found = violations.take()
      if (found.length > 0) throw new HostRefusal(found.join("\n"))
    },
  }
}

const execute = promisify(execFile)

function hostState(options: HostOptions): HostState {
  const database = options.database ?? memoryDatabase()
  return {
    behaviour: options.behaviour ?? newest,
    clock: options.clock ?? systemClock,
    violations: new Violations(),
    database,
    events: eventHub(),
    environment: options.environment ?? {},
    fetch: options.fetch ?? ((input, init) => runAsHost(() => globalThis.fetch(input, init))),
    requests: [],
    printed: [],
    refreshes: new Map(),
    configuration: options.providers ?? {},
    runCommand:
      options.runCommand ?? (([program = "", ...parameters]) => execute(program, parameters, { encoding: "utf8" })),
    newId: (prefix) => `${prefix}_${++database.lastId}`,
  }
}

async function importOld(state: HostState, { authJson }: HostOptions): Promise<void> {
  const { database, behaviour } = state
  const imports = database.madeBy === "1.x" || behaviour.importsIntoNewDatabase
  if (authJson === undefined || !imports) return
  const names = builtInIntegrations()
  await importAuthJson(
    database,
    authJson,
    () => state.newId("cred"),
    (id) => names.get(id)?.name ?? id,
  )
}

async function ownPlugins(directory: string, violations: Violations, failures: string[]): Promise<InstalledPlugin[]> {
  try {
    return (await loadDirectoryPlugins(directory, violations)).map((plugin) => ({ ...plugin, options: {} }))
  } catch (error) {
    failures.push(errorMessage(error))
    return []
  }
}

/** One plugin in one directory, and how everything that it registered is removed. */
function pluginInstance(plugin: InstalledPlugin, { violations, newId }: HostState, registered: Set<string>) {
  const kept = new Set<() => void>()
  let ended = false
  const instance: PluginInstance = {
    id: plugin.id,
    options: plugin.options,
    own(dispose) {
      if (ended) violations.refuse(`The plugin ${plugin.id} registered something after its end.`)
      const name = newId("registration")
      registered.add(name)
      const remove = () => {
        registered.delete(name)
        if (kept.delete(remove)) dispose()
      }
      kept.add(remove)
      return { dispose: async () => remove() }
    },
  }
  return {
    instance,
    removeAll() {
      ended = true
      for (const remove of [...kept].reverse()) remove()
    },
  }
}
