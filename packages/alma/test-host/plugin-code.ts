import { AsyncLocalStorage } from "node:async_hooks"

/** A loaded plugin, and the functions that receive its use of the process's globals. */
export interface PluginCode {
  /** The URL of its one file. */
  readonly url: string
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** Called when it uses a Node function for files, the network or processes, for example `fs.readFile`. */
  touched(what: string): void
  /** Starts a program for it. Real programs are never started. */
  spawn(command: string, args: readonly string[]): object
  /** Called when it writes to the console. */
  wrote(texts: readonly unknown[]): void
}

const running = new AsyncLocalStorage<PluginCode>()
const loaded = new Map<string, PluginCode>()
/** Deep enough for a call inside a bundled file. */
const FRAMES = 100

/** Runs `task` as the plugin's code. Everything that it starts, even later, counts as the plugin's. */
export function asPlugin<T>(plugin: PluginCode, task: () => T): T {
  return running.run(plugin, task)
}

/** Runs `task` as the host's code, even when the plugin called it. */
export function asHost<T>(task: () => T): T {
  return running.exit(task)
}

/** Runs `task` as the test's code: outside the plugin's async context and off its call stack. */
export function asTest<T>(task: () => T | Promise<T>): Promise<T> {
  return asHost(async () => {
    await undefined
    return task()
  })
}

/** The plugin in whose async context the current code runs. */
export function pluginRunning(): PluginCode | undefined {
  return running.getStore()
}

/** Registers a plugin until the returned function is called. */
export function registerPlugin(plugin: PluginCode): () => void {
  loaded.set(plugin.url, plugin)
  return () => void loaded.delete(plugin.url)
}

/** The plugin whose own code is on the call stack. */
export function pluginCalling(): PluginCode | undefined {
  for (const { file, isAsync } of stack()) {
    const plugin = file === undefined || isAsync ? undefined : loaded.get(file)
    if (plugin !== undefined) return plugin
  }
  return undefined
}

/** A frame of the call stack. */
export interface Frame {
  readonly file: string | undefined
  /** `line:column`. */
  readonly at: string
  /** Whether the frame only awaits the running code. */
  readonly isAsync: boolean
}

/** The raw V8 call stack. With source maps applied, the plugin's file name would be hidden. */
export function stack(): Frame[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES
  Error.prepareStackTrace = (_, callSites) => callSites
  try {
    const holder: { stack?: unknown } = {}
    Error.captureStackTrace(holder, stack)
    const callSites = Array.isArray(holder.stack) ? holder.stack : []
    return callSites.map((callSite: NodeJS.CallSite) => ({
      file: callSite.getFileName() ?? undefined,
      at: `${callSite.getLineNumber()}:${callSite.getColumnNumber()}`,
      isAsync: callSite.isAsync(),
    }))
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, "prepareStackTrace")
    else Error.prepareStackTrace = prepareStackTrace
  }
}
