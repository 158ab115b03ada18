import type { World } from "./world.ts"

/** How a user, a terminal that closes and another program ask a process to end. */
export const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Runs a task with a signal that aborts on Ctrl-C and when the process is asked to end. */
export async function cancellable<T>({ signals }: Pick<World, "signals">, task: (signal: AbortSignal) => Promise<T>) {
  const cancel = new AbortController()
  const abort = () => cancel.abort()
  for (const name of ENDING_SIGNALS) signals.on(name, abort)
  try {
    return await task(cancel.signal)
  } finally {
    for (const name of ENDING_SIGNALS) signals.off(name, abort)
  }
}
