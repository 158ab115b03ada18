/**
 * The part of Alma's plugin API that this plugin uses: the published `alma-plugin-api` 0.1.2 and additions of Alma's runtime (README,
 * "What we assume about Alma"). Values from Alma are parsed where they are used.
 */
export interface AlmaContext {
  readonly logger: AlmaLogger
  readonly storage: { readonly secrets: AlmaSecrets }
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

export interface AlmaChoice<T> {
  readonly label: string
  readonly description?: string
  readonly value: T
}

export interface AlmaUi {
  showNotification(
    message: string,
    options?: { type?: "info" | "success" | "warning" | "error"; duration?: number },
  ): void
  showError(message: string): void
  showQuickPick<T>(items: AlmaChoice<T>[], options?: { title?: string; placeholder?: string }): Promise<T | undefined>
  showInputBox(options?: {
    title?: string
    prompt?: string
    placeholder?: string
    password?: boolean
    validateInput?: (value: string) => string | undefined
  }): Promise<string | undefined>
  showConfirmDialog(
    message: string,
    options?: { title?: string; confirmLabel?: string; cancelLabel?: string; type?: "info" | "warning" | "danger" },
  ): Promise<boolean>
  withProgress<T>(
    options: { title: string; cancellable?: boolean },
    task: (
      progress: { report(value: { message?: string }): void },
      token: { readonly isCancellationRequested: boolean },
    ) => Promise<T>,
  ): Promise<T>
  /** Runtime only, not in the published types. */
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
    readonly vision: boolean
    readonly functionCalling: boolean
    /** The levels of thinking that Alma's selector offers. Alma sends the chosen one as `reasoning_effort`. */
    readonly reasoningLevels?: readonly ("low" | "medium" | "high" | "xhigh" | "max" | "ultra")[]
  }
}

interface AlmaAccount {
  readonly id: string
  readonly label: string
  readonly isRateLimited: boolean
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
  initialize(): Promise<void>
  isAuthenticated(): Promise<boolean>
  authenticate(): Promise<AlmaSignIn>
  logout(): Promise<void>
  getModels(): Promise<AlmaModel[]>
  fetchModels(): Promise<AlmaModel[]>
  getAccounts(): Promise<AlmaAccount[]>
  removeAccount(id: string): Promise<void>
  getSDKConfig(): Promise<{ apiKey: string; baseURL: string; fetch: typeof globalThis.fetch }>
  createChatCompletion(request: AlmaChatRequest): Promise<ReadableStream | { content: string }>
}
