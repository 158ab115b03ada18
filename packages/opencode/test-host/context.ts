import * as v from "valibot"
import type { HostState } from "./host-state.ts"
import { integrationInfo } from "./integration-editor.ts"
import type { LocationDomains } from "./location.ts"
import { deepFreeze, strictObject } from "./strict-object.ts"
import type { Registration } from "./types.ts"
import { type Callable, CallableSchema } from "./violations.ts"

/** Domains that the reference names without their members. */
const NAMED_ONLY = [
  "agent",
  "aisdk",
  "command",
  "experimental",
  "mcp",
  "permission",
  "plugin",
  "reference",
  "rpc",
  "shell",
  "skill",
  "tool",
  "vcs",
  "websearch",
  "worktree",
]

/** One plugin in one directory. */
export interface PluginInstance {
  readonly id: string
  readonly options: Readonly<Record<string, unknown>>
  /** Keeps something until the plugin ends. @throws HostRefusal when it has ended */
  own(dispose: () => void): Registration
}

interface ContextParts {
  readonly state: HostState
  readonly domains: LocationDomains
  readonly plugin: PluginInstance
  /** Members that this OpenCode lacks, for example `context.session` or `context.generate.hook`. */
  readonly absent: readonly string[]
}

/** Creates the context that `setup` gets. */
export function pluginContext(parts: ContextParts): object {
  const { state, domains, plugin, absent } = parts
  const { violations, behaviour } = state
  const strict = <T extends object>(name: string, members: T): T => {
    const missing = absent.flatMap((path) => (path.startsWith(`${name}.`) ? [path.slice(name.length + 1)] : []))
    const other = Object.entries(members).flatMap(([key, value]) => (value === undefined ? [key] : []))
    return strictObject(name, members, { violations, absent: [...missing, ...other] })
  }
  const { directory } = domains
  const project = { id: "project", directory, canonical: directory }
  const information = { directory, project }
  const here = <T>(data: T) => overJson({ location: information, data })

  return strict("context", {
    app: strict("context.app", { name: "cli", version: behaviour.version, channel: "latest" }),
    location: strict("context.location", {
      directory,
      workspaceID: undefined,
      project: strict("context.location.project", project),
    }),
    options: deepFreeze(structuredClone(plugin.options)),
    integration: strict("context.integration", integrationDomain(parts, strict, here)),
    provider: strict("context.provider", {
      transform: transform("provider", parts, domains.providers.add),
      reload: () => domains.providers.reload(),
      list: async () => here([...domains.providers.read().values()].map(({ info }) => info)),
      get: async (input: unknown) => {
        const { providerID } = violations.parse(v.strictObject({ providerID: v.string() }), input, "provider.get")
        return here(domains.providers.read().get(providerID)?.info ?? null)
      },
    }),
    model: strict("context.model", {
      transform: transform("model", parts, domains.models.add),
      reload: () => domains.models.reload(),
      list: async () => here(domains.offered().map(({ model }) => model)),
      default: async () => here(domains.models.read().chosen ?? null),
    }),
    session: strict("context.session", { hook: domains.sessionHooks.register({ run: domains.run, own: plugin.own }) }),
    generate: strict("context.generate", {
      text: () => violations.refuse("context.generate.text: the reference does not give its input"),
      ...(behaviour.generateHook
        ? { hook: domains.generateHooks.register({ run: domains.run, own: plugin.own }) }
        : { hook: undefined }),
    }),
    event: strict("context.event", { subscribe: subscribe(parts) }),
    storage: strict("context.storage", storage(state)),
    ...Object.fromEntries(NAMED_ONLY.map((name) => [name, strict(`context.${name}`, {})])),
    credential: behaviour.credentialDomain ? strict("context.credential", {}) : undefined,
  })
}

type Strict = <T extends object>(name: string, members: T) => T
type Here = <T>(data: T) => unknown

function integrationDomain(parts: ContextParts, strict: Strict, here: Here): object {
  const { state, domains } = parts
  const { violations, behaviour } = state
  const { attempts, integrations } = domains
  const named = (input: unknown) =>
    violations.parse(v.strictObject({ integrationID: v.string() }), input, "integration.get").integrationID
  return {
    transform: transform("integration", parts, integrations.add),
    reload: () => integrations.reload(),
    list: async () => here([...integrations.read().values()].map(integrationInfo)),
    get: async (input: unknown) => here(integrationInfo(domains.integration(named(input)))),
    connect: strict("context.integration.connect", {
      key: async (input: unknown) => attempts.connectKey(overJson(input)),
    }),
    oauth: strict("context.integration.oauth", {
      connect: async (input: unknown) => here(await attempts.connectOAuth(overJson(input))),
      status: async (input: unknown) => here(attempts.status(overJson(input))),
      complete: async (input: unknown) => here(await attempts.complete(overJson(input))),
      cancel: async (input: unknown) => here(attempts.cancel(overJson(input))),
    }),
    command: strict("context.integration.command", {
      connect: async (input: unknown) => here(await attempts.connectCommand(overJson(input))),
      status: async (input: unknown) => here(attempts.status(overJson(input))),
      cancel: async (input: unknown) => here(attempts.cancel(overJson(input))),
    }),
    connection: strict("context.integration.connection", {
      active: async (id: unknown) => domains.active(violations.parse(v.string(), id, "connection.active")),
      resolve: (connection: unknown) => domains.resolve(connection),
      status: behaviour.connectionStatus
        ? async (input: unknown) => {
            const given = violations.parse(v.looseObject({}), input, "connection.status")
            return here({ status: "connected", ...given })
          }
        : undefined,
    }),
  }
}

function transform(name: string, { state, domains, plugin }: ContextParts, add: (callback: Callable) => () => void) {
  return async (given: unknown): Promise<Registration> => {
    const callback = state.violations.parse(CallableSchema, given, `${name}.transform`)
    let remove = () => {}
    const registration = plugin.own(() => remove())
    remove = add((editor) => domains.run(() => callback(editor)))
    return registration
  }
}

const SubscribeOptions = v.optional(v.strictObject({ signal: v.optional(v.instance(AbortSignal)) }))

function subscribe({ state, plugin }: ContextParts) {
  return (options?: unknown) => {
    const { signal } = state.violations.parse(SubscribeOptions, options, "event.subscribe") ?? {}
    const stream = state.events.subscribe(signal)
    void plugin.own(() => stream.end())
    return { [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() }
  }
}

const ScanOptions = v.optional(
  v.strictObject({ prefix: v.optional(v.string()), limit: v.optional(v.pipe(v.number(), v.integer())) }),
)

/** `context.storage`. Values are stored as JSON, as on disk. */
function storage({ database, violations }: HostState): object {
  const { storage: values } = database
  const key = (given: unknown) => violations.parse(v.pipe(v.string(), v.minLength(1)), given, "storage")
  return {
    get: async (given: unknown): Promise<unknown> => {
      const text = values.get(key(given))
      return text === undefined ? undefined : JSON.parse(text)
    },
    set: async (given: unknown, value: unknown) => {
      const text: string | undefined = JSON.stringify(value)
      if (text === undefined) violations.refuse("storage.set: the value is not JSON")
      values.set(key(given), text)
    },
    remove: async (given: unknown) => void values.delete(key(given)),
    scan: async (options?: unknown) => {
      const { prefix = "", limit } = violations.parse(ScanOptions, options, "storage.scan") ?? {}
      const found = [...values].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1))
      return found.slice(0, limit).map(([name, text]) => ({ key: name, value: JSON.parse(text) }))
    },
  }
}

function overJson(value: unknown): unknown {
  const text: string | undefined = JSON.stringify(value)
  return text === undefined ? undefined : JSON.parse(text)
}
