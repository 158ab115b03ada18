import type { Platform } from "qwen-auth-core"
import type { AlmaContext, AlmaDisposable } from "./host.ts"

/** How long after one id of a command a call of its other id is the same click, ms. */
const SAME_CLICK_MS = 1_000

/**
 * Registers a command by its id in the manifest and by the short one: it is not known which of them Alma looks up. One that Alma refuses
 * is ignored. When Alma calls both, the command runs once.
 * @param name the short id, for example `login`
 */
export function registerCommand(
  { commands }: Pick<AlmaContext, "commands">,
  platform: Pick<Platform, "now" | "log">,
  name: string,
  handler: () => Promise<unknown>,
): AlmaDisposable[] {
  let last: { readonly id: string; readonly at: number; readonly result: Promise<unknown> } | undefined
  const run = (id: string) => async () => {
    const at = platform.now()
    if (last !== undefined && last.id !== id && at - last.at < SAME_CLICK_MS) return last.result
    const result = handler()
    last = { id, at, result }
    return result
  }
  const registered = [`qwen-auth.${name}`, name].flatMap((id) => {
    try {
      return [commands.register(id, run(id))]
    } catch {
      return []
    }
  })
  if (registered.length === 0) platform.log.warn("Alma refused a command.", { name })
  return registered
}
