import { createRequire, syncBuiltinESMExports } from "node:module"
import { isCallable } from "./callable.ts"
import { asHost, pluginCalling, pluginRunning } from "./plugin-code.ts"

/** Node modules for files, the network and processes. */
const MODULES = [
  "fs",
  "fs/promises",
  "net",
  "tls",
  "http",
  "https",
  "http2",
  "dns",
  "dns/promises",
  "dgram",
  "child_process",
  "worker_threads",
]
const LEVELS = ["debug", "error", "info", "log", "trace", "warn"] as const

const require = createRequire(import.meta.url)
let watchers = 0
let restore: (() => void)[] = []

/**
 * Watches `fetch`, the console and Node's modules while at least one plugin is loaded. Code outside a plugin is not affected.
 * @returns a function that stops watching
 */
export function watchGlobals(): () => void {
  if (watchers++ === 0) restore = [watchFetch(), watchConsole(), watchModules()]
  return () => {
    if (--watchers > 0) return
    for (const undo of restore) undo()
    restore = []
  }
}

/** The `fetch` of code outside a plugin. */
let outside: typeof globalThis.fetch = globalThis.fetch

/** `fetch` without the watch. */
export const outsideFetch: typeof globalThis.fetch = (input, init) => asHost(() => outside(input, init))

function watchFetch(): () => void {
  const before = globalThis.fetch
  outside = before
  globalThis.fetch = (input, init) => {
    const plugin = pluginRunning() ?? pluginCalling()
    return plugin === undefined ? before(input, init) : plugin.fetch(input, init)
  }
  return () => {
    globalThis.fetch = before
  }
}

function watchConsole(): () => void {
  const terminal = globalThis.console
  const undo = LEVELS.map((level) => {
    const before = terminal[level]
    terminal[level] = (...texts: unknown[]) => {
      const plugin = pluginCalling()
      if (plugin === undefined) before.apply(terminal, texts)
      else plugin.wrote(texts)
    }
    return () => {
      terminal[level] = before
    }
  })
  return () => {
    for (const one of undo) one()
  }
}

function watchModules(): () => void {
  const undo = MODULES.flatMap((name) => watchModule(name, require(`node:${name}`)))
  syncBuiltinESMExports()
  return () => {
    for (const one of undo) one()
    syncBuiltinESMExports()
  }
}

function watchModule(name: string, module: object): (() => void)[] {
  return Object.entries(Object.getOwnPropertyDescriptors(module)).flatMap(([member, descriptor]) => {
    const original: unknown = descriptor.value
    if (!isCallable(original) || descriptor.writable !== true || member.startsWith("_")) return []
    const note = () => pluginCalling()?.touched(`${name}.${member}`)
    const watched = new Proxy(original, {
      apply(target, self, given) {
        note()
        const plugin = name === "child_process" && member === "spawn" ? pluginCalling() : undefined
        return plugin === undefined ? Reflect.apply(target, self, given) : plugin.spawn(given[0], given[1])
      },
      construct(target, given, made) {
        note()
        return Reflect.construct(target, given, made)
      },
    })
    Reflect.set(module, member, watched)
    return [() => Reflect.set(module, member, original)]
  })
}
