import { createHook } from "node:async_hooks"
import { asHost, type PluginCode, pluginRunning, stack } from "./plugin-code.ts"

/** What keeps on doing something until it is ended, by Node's names. Promises and the like end by themselves. */
const KINDS = new Set([
  "Timeout",
  "Immediate",
  "TCPWRAP",
  "TCPSERVERWRAP",
  "PIPEWRAP",
  "PIPESERVERWRAP",
  "TLSWRAP",
  "UDPWRAP",
  "PROCESSWRAP",
  "FSEVENTWRAP",
  "STATWATCHER",
  "WORKER",
])
/** `AbortSignal.timeout`: nobody can end it, and it holds nothing. */
const ABORT_TIMEOUT = "node:internal/abort_controller"

/** Timers, servers, sockets, watchers and processes that a plugin made. */
export interface LeftRunning {
  /** Those that still run, each with the line that made it. */
  list(): Promise<string[]>
  end(): void
}

/** Watches what a plugin's code makes from now on. Timers of `vi.useFakeTimers` are not seen. */
export function watchRunning(plugin: PluginCode): LeftRunning {
  const open = new Map<number, string>()
  const hook = createHook({
    init(id, kind) {
      if (!KINDS.has(kind) || pluginRunning() !== plugin) return
      const frames = stack()
      if (frames.some(({ file }) => file === ABORT_TIMEOUT)) return
      const made = frames.find(({ file }) => file === plugin.url)
      open.set(id, made === undefined ? kind : `${kind} made at main.js:${made.at}`)
    },
    destroy: (id) => void open.delete(id),
  }).enable()
  return {
    async list() {
      // What just ended is told to the hook a turn later.
      for (let lock = 0; lock < 4; lock++) await asHost(() => new Promise((resolve) => setImmediate(resolve)))
      return [...open.values()]
    },
    end: () => void hook.disable(),
  }
}
