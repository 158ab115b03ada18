/** The types of OpenCode 2 from section 2 of the reference, for the plugins of tests. The host itself parses whatever a plugin gives. */

export interface Registration {
  readonly dispose: () => Promise<void>
}

type Transform<Editor> = (callback: (editor: Editor) => void) => Promise<Registration>

export type Answer = Record<string, string | number | boolean | string[]>

export interface OAuth {
  type: "oauth"
  methodID: string
  access: string
  refresh: string
  /** epoch ms */
  expires: number
  metadata?: Record<string, unknown> | undefined
}

export interface Key {
  type: "key"
  key: string
  metadata?: Record<string, unknown> | undefined
  configuration?: Answer | undefined
}

export type ConnectionInfo =
  | { type: "credential"; id: string; label: string; method: "oauth" | "key" }
  | { type: "env"; name: string }

export type Authorization = { url: string; instructions: string; expiresAt?: number; device?: boolean } & (
  | { mode: "auto"; callback: Promise<OAuth> }
  | { mode: "code"; callback: (code: string) => Promise<OAuth> }
)

interface Variant {
  id: string
  settings?: Record<string, unknown> | undefined
  headers?: Record<string, string> | undefined
  body?: Record<string, unknown> | undefined
}

export interface Model {
  id: string
  modelID: string
  providerID: string
  name: string
  family?: string | undefined
  capabilities: { tools: boolean; input: string[]; output: string[] }
  variants: Variant[]
  time: { released: number }
  cost: { input: number; output: number; cache: { read: number; write: number } }[]
  status: "alpha" | "beta" | "deprecated" | "active"
  enabled: boolean
  limit: { context: number; input?: number | undefined; output: number }
  package?: string | undefined
  settings?: Record<string, unknown> | undefined
  headers?: Record<string, string> | undefined
  body?: Record<string, unknown> | undefined
}

/** The reference does not list a provider's fields. These are the ones it mentions. */
export interface ProviderInfo {
  id: string
  name: string
  activation: "auto" | "enabled"
  package: string
  settings?: Record<string, unknown> | undefined
  headers?: Record<string, string> | undefined
  body?: Record<string, unknown> | undefined
}

type Json = Record<string, unknown>

type Method =
  | {
      integrationID: string
      method: { id: string; type: "oauth"; label: string; form?: readonly Json[] }
      authorize(answer: Answer): Promise<Authorization>
      refresh?(credential: OAuth): Promise<OAuth>
      label?(credential: OAuth): string | undefined
    }
  | { integrationID: string; method: { type: "key"; label?: string; form?: readonly Json[] } }
  | { integrationID: string; method: { type: "env"; names: string[] } }
  | { integrationID: string; method: { id: string; type: "command"; label: string; command: string[] } }

interface IntegrationEditor {
  list(): readonly { id: string; name: string }[]
  get(id: string): { id: string; name: string } | undefined
  update(id: string, update: (ref: { id: string; name: string }) => void): void
  remove(id: string): void
  method: {
    list(integrationID: string): readonly Json[]
    remove(integrationID: string, method: Json): void
    update(input: Method): void
  }
}

export interface ProviderEditor {
  list(): readonly ProviderInfo[]
  get(id: string): ProviderInfo | undefined
  add(input: { info: ProviderInfo; models: Model[]; sourceConnection?: ConnectionInfo }): void
  update(id: string, update: (provider: ProviderInfo) => void): void
  remove(id: string): void
  models: {
    set(id: string, models: Model[]): void
    update(id: string, modelID: string, update: (model: Model) => void): void
    remove(id: string, modelID: string): void
  }
}

interface ModelEditor {
  list(providerID?: string): readonly Model[]
  get(providerID: string, modelID: string): Model | undefined
  update(providerID: string, modelID: string, update: (model: Model) => void): void
  remove(providerID: string, modelID: string): void
  default: {
    get(): { providerID: string; modelID: string } | undefined
    set(providerID: string, modelID: string): void
  }
  provider: { list(): readonly ProviderInfo[]; get(id: string): ProviderInfo | undefined }
}

/** The event of a hook. Each hook has its own members, which the strict event checks. */
export interface HookEvent {
  readonly sessionID: string
  readonly agent: string
  readonly model: { readonly providerID: string; readonly id: string; readonly variant?: string }
  readonly kind: "primary" | "compaction" | "title" | "generate"
  readonly system: { type: "text"; text: string }[]
  readonly messages: { role: string; content: Json[] }[]
  readonly options: Json
  readonly tools: Record<string, Json> | Json[]
  baseURL?: string
  readonly headers: Record<string, string>
  request: Request
  response: Response
  readonly error: { readonly type: string; readonly message: string }
  readonly attempt: number
  decision: unknown
}

type Hook = (
  name: string,
  callback: (event: HookEvent) => unknown,
  options?: { providerID?: string },
) => Promise<Registration>

interface Located<T> {
  location: { directory: string }
  data: T
}

/** What `oauth.connect` answers with. The reference gives no shape. */
export interface AttemptInfo {
  attemptID: string
  url: string
  instructions: string
  mode: "auto" | "code"
  /** epoch ms */
  expiresAt: number
  device?: boolean | undefined
}

/** What `status` answers with. The reference gives no shape. */
export interface AttemptStatus {
  status: "pending" | "complete" | "failed" | "expired" | "cancelled"
  message?: string | undefined
}

interface AttemptReference {
  integrationID: string
  attemptID: string
}

interface MethodReference {
  integrationID: string
  methodID: string
  answer?: Answer
  label?: string
}

export interface IntegrationInfo {
  id: string
  name: string
  methods: Json[]
}

/** The context that `setup` gets. */
export interface PluginContext {
  readonly app: { readonly name: string; readonly version: string; readonly channel: string }
  readonly location: {
    readonly directory: string
    readonly workspaceID?: string
    readonly project: { readonly id: string; readonly directory: string; readonly canonical: string }
  }
  readonly options: Readonly<Record<string, unknown>>
  readonly integration: {
    transform: Transform<IntegrationEditor>
    reload(): Promise<void>
    list(): Promise<Located<IntegrationInfo[]>>
    get(input: { integrationID: string }): Promise<Located<IntegrationInfo>>
    connect: { key(input: { integrationID: string; key: string; label?: string; answer?: Answer }): Promise<void> }
    oauth: {
      connect(input: MethodReference): Promise<Located<AttemptInfo>>
      status(input: AttemptReference): Promise<Located<AttemptStatus>>
      complete(input: AttemptReference & { code: string }): Promise<Located<AttemptStatus>>
      cancel(input: AttemptReference): Promise<Located<AttemptStatus>>
    }
    command: {
      connect(input: MethodReference): Promise<Located<AttemptInfo>>
      status(input: AttemptReference): Promise<Located<AttemptStatus>>
      cancel(input: AttemptReference): Promise<Located<AttemptStatus>>
    }
    connection: {
      active(integrationID: string): Promise<ConnectionInfo | undefined>
      resolve(connection: ConnectionInfo): Promise<OAuth | Key | undefined>
      status?(input: unknown): Promise<unknown>
    }
  }
  readonly provider: {
    transform: Transform<ProviderEditor>
    reload(): Promise<void>
    list(): Promise<Located<ProviderInfo[]>>
    get(input: { providerID: string }): Promise<Located<ProviderInfo>>
  }
  readonly model: {
    transform: Transform<ModelEditor>
    reload(): Promise<void>
    list(): Promise<Located<Model[]>>
    default(): Promise<Located<{ providerID: string; modelID: string } | null>>
  }
  readonly session: { hook: Hook }
  readonly generate: { hook?: Hook }
  readonly event: { subscribe(options?: { signal?: AbortSignal }): AsyncIterable<{ type: string; data: Json }> }
  readonly storage: {
    get(key: string): Promise<unknown>
    set(key: string, json: unknown): Promise<void>
    remove(key: string): Promise<void>
    scan(options?: { prefix?: string; limit?: number }): Promise<readonly { key: string; value: unknown }[]>
  }
}
