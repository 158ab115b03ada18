import { AsyncLocalStorage } from "node:async_hooks"

/** A plugin that is loaded: what the process's globals do when its code uses them. */
export interface PluginCode {
  /** The URL of its one file. */
  readonly url: string
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** It called a function of Node that reaches files, the network or other programs, for example `fs.readFile`. */
  touched(what: string): void
  /** It wrote to the console. */
  wrote(texts: readonly unknown[]): void
}

const running = new AsyncLocalStorage<PluginCode>()
const loaded = new Map<string, PluginCode>()
/** Enough for a call deep inside a bundled file. */
const FRAMES = 100

/** Runs something as the plugin's: what it starts, also later, is the plugin's too. */
export function asPlugin<T>(plugin: PluginCode, task: () => T): T {
  return running.run(plugin, task)
}

/** Runs something as nobody's, though the plugin's code asked for it. */
export function asHost<T>(task: () => T): T {
  return running.exit(task)
}

/** Runs something of the test's that the plugin's code brought about: neither in its name nor on its stack. */
export function asTest<T>(task: () => T | Promise<T>): Promise<T> {
  return asHost(async () => {
    await undefined
    return task()
  })
}

/** The plugin in whose name the present code runs. */
export function pluginRunning(): PluginCode | undefined {
  return running.getStore()
}

/** Makes a plugin known until the returned function is called. */
export function present(plugin: PluginCode): () => void {
  loaded.set(plugin.url, plugin)
  return () => void loaded.delete(plugin.url)
}

/** The plugin whose code is on the stack: it made the call itself. */
export function pluginCalling(): PluginCode | undefined {
  for (const { file, isAsync } of stack()) {
    const plugin = file === undefined || isAsync ? undefined : loaded.get(file)
    if (plugin !== undefined) return plugin
  }
  return undefined
}

/** A place in the code. */
export interface Frame {
  readonly file: string | undefined
  /** `line:column`. */
  readonly at: string
  /** It only waits for what is running. */
  readonly isAsync: boolean
}

/** The stack as V8 knows it: a source map of the plugin's must not hide which file runs. */
export function stack(): Frame[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES
  Error.prepareStackTrace = (_, sites) => sites
  try {
    const holder: { stack?: unknown } = {}
    Error.captureStackTrace(holder, stack)
    const sites = Array.isArray(holder.stack) ? holder.stack : []
    return sites.map((site: NodeJS.CallSite) => ({
      file: site.getFileName() ?? undefined,
      at: `${site.getLineNumber()}:${site.getColumnNumber()}`,
      isAsync: site.isAsync(),
    }))
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, "prepareStackTrace")
    else Error.prepareStackTrace = prepareStackTrace
  }
}
