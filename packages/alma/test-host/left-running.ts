import { createHook } from "node:async_hooks"
import { asHost, type PluginCode, pluginRunning, stack } from "./plugin-code.ts"

/** Node's names of resources that stay active until they are closed. Others, such as promises, end by themselves. */
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
/**
 * Timers of these end by themselves and do not keep the process alive: `AbortSignal.timeout`, which cannot be cancelled, and the text of the
 * `Date` header, which an HTTP server keeps for a second.
 */
const NODES_OWN: readonly (string | undefined)[] = ["node:internal/abort_controller", "node:internal/http"]

/** Timers, servers, sockets, watchers and processes that a plugin created. */
export interface LeftRunning {
  /** Lists those that are still active, each with the line that created it. */
  list(): Promise<string[]>
  end(): void
}

/** Watches the resources that a plugin's code creates from now on. Timers of `vi.useFakeTimers` are not included. */
export function watchRunning(plugin: PluginCode): LeftRunning {
  const open = new Map<number, string>()
  const hook = createHook({
    init(id, kind) {
      if (!KINDS.has(kind) || pluginRunning() !== plugin) return
      const frames = stack()
      if (frames.some(({ file }) => NODES_OWN.includes(file))) return
      const origin = frames.find(({ file }) => file === plugin.url)
      open.set(id, origin === undefined ? kind : `${kind} created at main.js:${origin.at}`)
    },
    destroy: (id) => void open.delete(id),
  }).enable()
  return {
    async list() {
      // The hook learns of a closed resource some event loop turns later.
      for (let i = 0; i < 4; i++) await asHost(() => new Promise((resolve) => setImmediate(resolve)))
      return [...open.values()]
    },
    end: () => void hook.disable(),
  }
}
