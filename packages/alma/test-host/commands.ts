import * as v from "valibot"
import type { Behaviour } from "./behaviour.ts"
import { type Callable, CallableSchema } from "./callable.ts"
import type { HostState } from "./host-state.ts"
import { type Disposable, registry } from "./registry.ts"

/** `context.commands`, and Alma's command palette. */
export interface Commands {
  has(id: string): boolean
  /** Runs a command as the palette does. @param id as in the manifest @throws what the command throws, which is also recorded */
  run(id: string, ...args: readonly unknown[]): Promise<unknown>
  readonly api: {
    register(id: unknown, handler: unknown): Disposable
    execute(id: unknown, ...args: readonly unknown[]): Promise<unknown>
  }
}

/** Published plugins register a command by its id in the manifest, or without the plugin's id before it. */
export function almaCommands(state: HostState, behaviour: Behaviour["commands"]): Commands {
  const { manifest, violations, output } = state
  const registered = registry<Callable>("command", state)
  const prefix = `${manifest.id}.`
  const declared = new Set(manifest.contributes.commands.map(({ id }) => id))

  /** The handlers that the palette finds for an id of the manifest. */
  function handlersOf(id: string): Callable[] {
    const ids = behaviour === "called by both" ? [id, id.slice(prefix.length)] : [id]
    return ids.flatMap((one) => registered.get(one) ?? [])
  }

  async function run(id: string, ...args: readonly unknown[]): Promise<unknown> {
    const handlers = handlersOf(id)
    if (handlers.length === 0) throw new Error(`No command ${id} is registered.`)
    try {
      const [first] = await Promise.all(handlers.map((handler) => state.run(() => handler(...args))))
      return first
    } catch (error) {
      output.thrown(error)
      throw error
    }
  }

  return {
    has: (id) => handlersOf(id).length > 0,
    run,
    api: {
      register(given, handler) {
        const id = violations.parse(v.string(), given, "commands.register")
        if (!declared.has(id) && !declared.has(prefix + id)) {
          violations.refuse(`The command ${id} is not in the manifest.`)
        }
        // Not a violation: published plugins use the short id.
        if (behaviour === "exact" && !declared.has(id)) throw new Error(`The command ${id} is not in the manifest.`)
        const known = behaviour === "prefixed" ? prefix + id : id
        return registered.add(known, violations.parse(CallableSchema, handler, `commands.register ${id}: the handler`))
      },
      execute: (id, ...args) => run(violations.parse(v.string(), id, "commands.execute"), ...args),
    },
  }
}
