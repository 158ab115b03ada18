import * as v from "valibot"
import { type Callable, CallableSchema } from "./callable.ts"
import type { HostState } from "./host-state.ts"
import { type Disposable, registry } from "./registry.ts"

/** `context.commands`, and Alma's command palette. */
export interface Commands {
  has(id: string): boolean
  /** Runs a command as the palette does. @throws what the command throws, which is also recorded */
  run(id: string, ...args: readonly unknown[]): Promise<unknown>
  readonly api: {
    register(id: unknown, handler: unknown): Disposable
    execute(id: unknown, ...args: readonly unknown[]): Promise<unknown>
  }
}

export function almaCommands(state: HostState): Commands {
  const { manifest, violations, output } = state
  const registered = registry<Callable>("command", state)

  async function run(id: string, ...args: readonly unknown[]): Promise<unknown> {
    const handler = registered.get(id)
    if (handler === undefined) throw new Error(`No command ${id} is registered.`)
    try {
      return await state.run(() => handler(...args))
    } catch (error) {
      output.thrown(error)
      throw error
    }
  }

  return {
    has: (id) => registered.get(id) !== undefined,
    run,
    api: {
      register(given, handler) {
        const id = violations.parse(v.string(), given, "commands.register")
        const declared = manifest.contributes.commands.some((command) => command.id === id)
        if (!declared) violations.refuse(`The command ${id} is not in the manifest.`)
        return registered.add(id, violations.parse(CallableSchema, handler, `commands.register ${id}: the handler`))
      },
      execute: (id, ...args) => run(violations.parse(v.string(), id, "commands.execute"), ...args),
    },
  }
}
