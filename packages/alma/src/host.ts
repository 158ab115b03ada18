/**
 * The part of Alma's plugin API that this plugin uses: the published `alma-plugin-api` 0.1.2 and additions of Alma's runtime (README,
 * "What we assume of Alma"). Values from Alma are parsed where they are used.
 */
export interface AlmaContext {
  readonly logger: AlmaLogger
  readonly storage: { readonly secrets: AlmaSecrets; readonly local: AlmaStorage }
  readonly commands: { register(id: string, handler: () => Promise<unknown>): AlmaDisposable }
  readonly providers: { register(definition: AlmaProvider): AlmaDisposable }
  readonly ui: AlmaUi
  readonly settings: {
    get(key: string): unknown
  }
}

export interface AlmaDisposable {
  dispose(): void
}

export interface AlmaLogger {
  debug(message: string, ...details: unknown[]): void
  warn(message: string, ...details: unknown[]): void
  error(message: string, ...details: unknown[]): void
}

/** Alma's secret storage. */
export interface AlmaSecrets {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string): Promise<void>
  delete(key: string): Promise<void>
}

/** Alma's storage for data that is not secret. */
export interface AlmaStorage {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<void>
}

export interface AlmaChoice<T> {
  readonly label: string
  readonly description?: string
  readonly value: T
}

/** A member that is optional is missing in some versions. Any member may throw. Options of dialogs must not contain functions. */
export interface AlmaUi {
  showNotification(
    message: string,
    options?: {
      type?: "info" | "success" | "warning" | "error"
      /** ms; 0 stays until the user closes it. */
      duration?: number
      action?: { label: string; callback: () => void }
    },
  ): void
  showError(message: string): void
  showWarning(message: string): void
  showQuickPick<T>(items: AlmaChoice<T>[], options?: { title?: string; placeholder?: string }): Promise<T | undefined>
  showInputBox(options?: {
    title?: string
    prompt?: string
    placeholder?: string
    password?: boolean
  }): Promise<string | undefined>
  showConfirmDialog?(
    message: string,
    options?: { title?: string; confirmLabel?: string; cancelLabel?: string; type?: "info" | "warning" | "danger" },
  ): Promise<boolean>
  withProgress?<T>(
    options: { title: string; cancellable?: boolean },
    task: (
      progress: { report(value: { message?: string }): void },
      token: { readonly isCancellationRequested: boolean },
    ) => Promise<T>,
  ): Promise<T>
  /** It existed in one version only. */
  openExternal?(url: string): unknown
}

/** A model as Alma lists it. */
export interface AlmaModel {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly contextWindow: number
  readonly maxOutputTokens: number
  readonly capabilities: {
    readonly streaming: boolean
    readonly reasoning: boolean
    readonly functionCalling: boolean
    /** Published plugins say in three ways that a model accepts images. */
    readonly vision: boolean
    readonly attachment: boolean
    readonly input: { readonly text: boolean; readonly image: boolean }
    readonly output: { readonly text: boolean }
    /** The thinking selector's levels; absent when there is nothing to choose. */
    readonly reasoningLevels?: readonly ReasoningLevel[]
  }
}

/** A level of Alma's thinking selector, beside off. */
export type ReasoningLevel = "low" | "medium" | "high" | "xhigh" | "max" | "ultra"

export interface AlmaAccount {
  readonly id: string
  readonly label: string
  readonly isRateLimited: boolean
  readonly quota?: AlmaQuota
}

/** How much of the plan is left. */
export interface AlmaQuota {
  readonly models: readonly {
    readonly name: string
    /** What is left, 0 to 100. */
    readonly percentage: number
    /** ISO 8601. */
    readonly resetTime?: string
  }[]
  /** ISO 8601. */
  readonly lastUpdated: string
}

/** The result of an attempt to sign in. */
export interface AlmaSignIn {
  readonly success: boolean
  readonly error?: string
}

/** The argument of the published `createChatCompletion`. */
export interface AlmaChatRequest {
  readonly model: string
  readonly messages: readonly { readonly role: string; readonly content: unknown }[]
  readonly stream?: boolean
}

/** A provider definition: the members that Alma's current runtime uses, and the published ones. */
export interface AlmaProvider {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly authType: "oauth"
  readonly sdkType: "openai-compatible"
  /** Without it, Alma may not list the accounts. */
  readonly supportsMultiAccount: true
  initialize(): Promise<void>
  isAuthenticated(): Promise<boolean>
  authenticate(): Promise<AlmaSignIn>
  logout(): Promise<void>
  getModels(): Promise<AlmaModel[]>
  fetchModels(): Promise<AlmaModel[]>
  getAccounts(): Promise<AlmaAccount[]>
  removeAccount(id: string): Promise<void>
  refreshQuotas(): Promise<void>
  getSDKConfig(): Promise<{ apiKey: string; baseURL: string; fetch: typeof globalThis.fetch }>
  createChatCompletion(request: AlmaChatRequest): Promise<ReadableStream | { content: string }>
}
