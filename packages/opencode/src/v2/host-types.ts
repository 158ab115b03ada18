/**
 * The parts of OpenCode 2's plugin interface that this plugin uses, as structural types of our own: a plugin can import
 * neither `@opencode-ai/*` nor `effect` at run time there. Source: core/plugin of OpenCode's repository, files of September to
 * November 2026. Numbers in brackets name the section of our reference. Members that some version lacks are optional and
 * checked before use.
 */

/** The answers to a form, by the fields' keys. [2] */
export type Answer = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** A field of a form. It is shown if all of `when` hold; an unanswered field makes a condition false. [2] */
export interface FormField {
  readonly key: string
  readonly type: "string"
  readonly title?: string
  readonly description?: string
  readonly required?: boolean
  readonly default?: string
  readonly placeholder?: string
  readonly options?: readonly { readonly value: string; readonly label: string; readonly description?: string }[]
  readonly when?: readonly { readonly key: string; readonly op: "eq" | "neq"; readonly value: string }[]
}

/** A stored account. `expires`: epoch ms, a non-negative integer. `metadata` is merged into the provider's settings. [2, 5, 6] */
export interface HostOAuth {
  readonly type: "oauth"
  readonly methodID: string
  readonly access: string
  readonly refresh: string
  readonly expires: number
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** A started sign-in. `callback` is already running. The user reads the message of its rejection. [4] */
export interface Authorization {
  readonly mode: "auto"
  readonly url: string
  readonly instructions: string
  /** When the attempt ends, epoch ms. Without it after 10 minutes. */
  readonly expiresAt?: number
  readonly callback: Promise<HostOAuth>
}

/** A way to sign in. `key` and `env` exist once per integration. [2, 3] */
export type MethodInput =
  | {
      readonly integrationID: string
      readonly method: {
        readonly id: string
        readonly type: "oauth"
        readonly label: string
        readonly form?: readonly FormField[]
      }
      authorize(answer: Answer): Promise<Authorization>
      refresh?(credential: HostOAuth): Promise<HostOAuth>
      label?(credential: HostOAuth): string | undefined
    }
  | {
      readonly integrationID: string
      readonly method: { readonly type: "key"; readonly label: string; readonly form: readonly FormField[] }
    }
  | { readonly integrationID: string; readonly method: { readonly type: "env"; readonly names: readonly string[] } }

/** [2] */
export interface IntegrationEditor {
  readonly method: { update(input: MethodInput): void }
}

/** The connection that is in use. [2, 5] */
export type ConnectionInfo =
  | { readonly type: "credential"; readonly id: string }
  | { readonly type: "env"; readonly name: string }

/** [2] */
export interface IntegrationDomain {
  transform: Transform<IntegrationEditor>
  readonly connection?: {
    active(integrationID: string): Promise<ConnectionInfo | undefined>
    /** The credential of a connection. Its content comes from a database and is parsed. */
    resolve(connection: ConnectionInfo): Promise<unknown>
  }
}

/** A model of a provider, as a transform may change it. [2, 9] */
export interface HostModel {
  modelID: string
  name: string
  capabilities: { tools: boolean; input: string[]; output: string[] }
  variants: { id: string; settings?: object; headers?: Record<string, string>; body?: Record<string, unknown> }[]
  cost: { input: number; output: number; cache: { read: number; write: number } }[]
  status: "alpha" | "beta" | "deprecated" | "active"
  enabled: boolean
  limit: { context: number; input?: number; output: number }
}

/** `models.update` makes a missing model, complete with defaults. [9] */
export interface ProviderEditor {
  readonly models: {
    update(providerID: string, modelID: string, update: (model: HostModel) => void): void
    remove(providerID: string, modelID: string): void
  }
}

/** Called synchronously, and replayed from nothing at any time. A callback that throws breaks the domain. [3] */
type Transform<Editor> = (callback: (editor: Editor) => void) => Promise<unknown>

/** [7] The body is bytes by then. `request` is replaced as a whole. */
export interface RequestEvent {
  readonly sessionID?: string
  /** `primary`, `compaction`, `title` or `generate`. */
  readonly kind?: string
  request: Request
}

/** [7] `request` is the one of {@link RequestEvent}. */
export interface ResponseEvent {
  readonly request: Request
  response: Response
}

/** [7] The lists are edited in place. */
export interface ContextEvent {
  readonly system: { type: "text"; text: string }[]
  /** The shape of a tool is not certain, so the tools are parsed. */
  readonly tools?: unknown
}

interface HookEvents {
  "http.request": RequestEvent
  "http.response": ResponseEvent
  context: ContextEvent
}

/** Registers a callback for one provider. One version never resolves for some names. [7] */
export type Hook = <Name extends keyof HookEvents>(
  name: Name,
  callback: (event: HookEvents[Name]) => Promise<void>,
  options: { readonly providerID: string },
) => Promise<unknown>

/** The context that `setup` gets, once per directory. [1, 2] */
export interface HostContext {
  readonly app?: { readonly name?: string; readonly version?: string; readonly channel?: string }
  readonly options?: Readonly<Record<string, unknown>>
  readonly integration?: IntegrationDomain
  readonly provider?: { transform: Transform<ProviderEditor>; reload(): Promise<void> }
  readonly session?: { readonly hook?: Hook }
  /** `hook` is newer. [7] */
  readonly generate?: { readonly hook?: Hook }
  readonly event?: { subscribe(options: { readonly signal: AbortSignal }): AsyncIterable<{ readonly type: string }> }
}
