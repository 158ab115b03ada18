import { AsyncLocalStorage } from "node:async_hooks"

const LEVELS = ["debug", "error", "info", "log", "trace", "warn"] as const

const running = new AsyncLocalStorage<(text: string) => void>()
let watchers = 0
let restore = () => {}

/** Runs `task` as a plugin's code. @param onWrite called when that code writes to the console */
export function runAsPlugin<T>(onWrite: (text: string) => void, task: () => T): T {
  return running.run(onWrite, task)
}

/** Runs `task` as the host's code. */
export function runAsHost<T>(task: () => T): T {
  return running.exit(task)
}

/**
 * Watches the console while at least one host runs. Code outside plugins is not affected.
 * @returns a function that stops watching
 */
export function watchConsole(): () => void {
  if (watchers++ === 0) restore = replaceConsole()
  let stopped = false
  return () => {
    if (stopped) return
    stopped = true
    if (--watchers === 0) restore()
  }
}

function replaceConsole(): () => void {
  const terminal = globalThis.console
  const undo = LEVELS.map((level) => {
    const before = terminal[level]
    terminal[level] = (...texts: unknown[]) => {
      const onWrite = running.getStore()
      if (onWrite === undefined) before.apply(terminal, texts)
      else onWrite(texts.map(String).join(" "))
    }
    return () => {
      terminal[level] = before
    }
  })
  return () => {
    for (const one of undo) one()
  }
}
