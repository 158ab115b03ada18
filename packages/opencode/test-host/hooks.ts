import * as v from "valibot"
import { HOOK_NAMES, type HookName } from "./behaviour.ts"
import type { HostState } from "./host-state.ts"
import { strictObject } from "./strict-object.ts"
import type { Registration } from "./types.ts"
import { type Callable, CallableSchema } from "./violations.ts"

/** The members of each event that a plugin may replace. Others are edited in place, or are read-only. */
const WRITABLE: Readonly<Partial<Record<HookName, readonly string[]>>> = {
  "model.request": ["baseURL"],
  "http.request": ["request"],
  "http.response": ["response"],
  retry: ["decision"],
}

const OptionsSchema = v.optional(v.strictObject({ providerID: v.optional(v.string()) }))

/** A plugin, as far as hooks know it. */
interface HookOwner {
  /** Calls a function of the plugin. */
  readonly run: <T>(task: () => T) => T
  /** Keeps the registration until the plugin ends. @throws HostRefusal when it has ended */
  readonly own: (dispose: () => void) => Registration
}

interface Hook {
  readonly name: HookName
  readonly callback: Callable
  readonly providerID: string | undefined
  readonly owner: HookOwner
}

/** The hooks of one domain in one directory. */
export interface Hooks {
  /** Creates `hook` for one plugin. */
  register(owner: HookOwner): (name: unknown, callback: unknown, options?: unknown) => Promise<Registration>
  /**
   * Calls the callbacks in order, each awaited, with one event.
   * @param members the event's members; what callbacks replace is in the result
   * @throws what a callback throws
   */
  call<T extends object>(name: HookName, providerID: string, members: T): Promise<T>
}

/** @param domain `session` or `generate`, for messages */
export function hookRegistry(state: HostState, domain: string): Hooks {
  const { violations, behaviour } = state
  const hooks: Hook[] = []
  return {
    register: (owner) => (given, callback, options) => {
      const where = `${domain}.hook`
      const name = violations.parse(v.picklist(HOOK_NAMES), given, where)
      const call = violations.parse(CallableSchema, callback, where)
      const providerID = violations.parse(OptionsSchema, options, where)?.providerID
      if (providerID === undefined) violations.note(`${where} ${name} has no providerID: it sees every provider`)
      if (behaviour.missingHooks.includes(name)) {
        const error = new Error(`Unknown hook ${name}`)
        if (behaviour.missingHook === "throws") throw error
        return behaviour.missingHook === "rejects"
          ? Promise.reject(error)
          : Promise.resolve({ dispose: () => Promise.resolve() })
      }
      if (name === "http.request" && behaviour.httpRequestRegistration === "never-resolves") {
        return new Promise(() => {})
      }
      const hook: Hook = { name, callback: call, providerID, owner }
      const registration = owner.own(() => {
        if (hooks.includes(hook)) hooks.splice(hooks.indexOf(hook), 1)
      })
      hooks.push(hook)
      return Promise.resolve(registration)
    },
    async call(name, providerID, members) {
      const event = { ...members }
      const strict = strictObject(`event of ${name}`, event, { violations, writable: WRITABLE[name] ?? [] })
      const ordered = behaviour.hookOrder === "installed" ? [...hooks] : hooks.toReversed()
      for (const hook of ordered) {
        if (hook.name !== name || (hook.providerID !== undefined && hook.providerID !== providerID)) continue
        await hook.owner.run(async () => hook.callback(strict))
      }
      return event
    },
  }
}
