import type { World } from "./world.ts"

/** How a person, a terminal that closes and another program ask a process to end. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Runs a task with a signal that aborts on Ctrl-C and when the process is asked to end. */
export async function cancellable<T>({ signals }: Pick<World, "signals">, task: (signal: AbortSignal) => Promise<T>) {
  const cancel = new AbortController()
  const abort = () => cancel.abort()
  for (const name of ENDING) signals.on(name, abort)
  try {
    return await task(cancel.signal)
  } finally {
    for (const name of ENDING) signals.off(name, abort)
  }
}
