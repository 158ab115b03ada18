import * as v from "valibot"
import { CallableSchema } from "./callable.ts"
import type { HostState } from "./host-state.ts"
import { type Disposable, type Registry, registry } from "./registry.ts"

const Text = v.pipe(v.string(), v.minLength(1, "must not be empty"))
const Tokens = v.pipe(v.number(), v.integer(), v.minValue(1))
const Time = v.pipe(v.string(), v.isoTimestamp())
const Modalities = v.record(v.string(), v.boolean())

const Models = v.pipe(
  v.array(
    v.strictObject({
      id: Text,
      name: Text,
      description: Text,
      contextWindow: Tokens,
      maxOutputTokens: Tokens,
      capabilities: v.strictObject({
        streaming: v.boolean(),
        reasoning: v.boolean(),
        functionCalling: v.boolean(),
        vision: v.optional(v.boolean()),
        imageOutput: v.optional(v.boolean()),
        attachment: v.optional(v.boolean()),
        reasoningLevels: v.optional(v.array(v.picklist(["low", "medium", "high", "xhigh", "max", "ultra"]))),
        input: v.optional(Modalities),
        output: v.optional(Modalities),
      }),
    }),
  ),
  v.minLength(1, "a provider without models cannot be selected"),
  v.check((models) => new Set(models.map(({ id }) => id)).size === models.length, "ids must be unique"),
)
const Accounts = v.array(
  v.strictObject({
    id: Text,
    label: Text,
    email: v.optional(Text),
    avatarUrl: v.optional(v.pipe(v.string(), v.url())),
    isRateLimited: v.optional(v.boolean()),
    quota: v.optional(
      v.strictObject({
        models: v.array(
          v.strictObject({
            name: Text,
            percentage: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
            resetTime: v.optional(Time),
          }),
        ),
        lastUpdated: v.union([v.number(), Time]),
      }),
    ),
  }),
)
const SignIn = v.variant("success", [
  v.strictObject({ success: v.literal(true) }),
  v.strictObject({ success: v.literal(false), error: v.optional(Text) }),
])
type AnyFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>
const Fetch = v.custom<AnyFetch>((value) => typeof value === "function", "must be a function")
const SdkConfig = v.strictObject({
  // Without a key, an AI SDK reads one from the environment.
  apiKey: Text,
  baseURL: v.pipe(
    v.string(),
    v.url(),
    v.check((url) => URL.canParse(url) && new URL(url).protocol === "https:", "must be https"),
  ),
  fetch: Fetch,
})
const Completion = v.union([v.instance(ReadableStream), v.strictObject({ content: v.string() })])

/** A provider's methods, and the results that Alma understands. */
const RESULTS = {
  initialize: v.undefined(),
  isAuthenticated: v.boolean(),
  authenticate: SignIn,
  logout: v.undefined(),
  getModels: Models,
  fetchModels: Models,
  getAccounts: Accounts,
  removeAccount: v.undefined(),
  refreshQuotas: v.undefined(),
  getSDKConfig: SdkConfig,
  createChatCompletion: Completion,
}
type Method = keyof typeof RESULTS
type Result<M extends Method> = v.InferOutput<(typeof RESULTS)[M]>

const Optional = v.optional(CallableSchema)
const Definition = v.strictObject({
  id: Text,
  name: Text,
  description: Text,
  icon: v.optional(Text),
  authType: v.literal("oauth"),
  sdkType: v.literal("openai-compatible"),
  supportsMultiAccount: v.optional(v.boolean()),
  initialize: Optional,
  isAuthenticated: CallableSchema,
  authenticate: CallableSchema,
  logout: CallableSchema,
  getModels: CallableSchema,
  fetchModels: Optional,
  getAccounts: Optional,
  removeAccount: Optional,
  refreshQuotas: Optional,
  getSDKConfig: CallableSchema,
  createChatCompletion: Optional,
})

/** The argument of the published `createChatCompletion`. */
interface ChatRequest {
  readonly model: string
  readonly messages: readonly {
    readonly id: string
    readonly threadId: string
    readonly role: "user" | "assistant" | "system"
    readonly content: unknown
    readonly createdAt: string
  }[]
  readonly stream?: boolean
}

/** A registered provider, as Alma uses it. Results are checked; calling an optional method that is missing is an error of the test. */
export interface HostedProvider {
  readonly id: string
  readonly name: string
  readonly description: string
  /** Whether Alma lists the accounts. */
  readonly listsAccounts: boolean
  has(method: Method): boolean
  initialize(): Promise<void>
  isAuthenticated(): Promise<boolean>
  authenticate(): Promise<Result<"authenticate">>
  logout(): Promise<void>
  getModels(): Promise<Result<"getModels">>
  fetchModels(): Promise<Result<"fetchModels">>
  getAccounts(): Promise<Result<"getAccounts">>
  removeAccount(id: string): Promise<void>
  refreshQuotas(): Promise<void>
  /** For the AI SDK: `createOpenAICompatible({ name, ...await provider.getSDKConfig() })`. */
  getSDKConfig(): Promise<Result<"getSDKConfig">>
  createChatCompletion(request: ChatRequest): Promise<Result<"createChatCompletion">>
}

/** `context.providers`, and the registered providers. */
export interface Providers {
  readonly registered: Registry<HostedProvider>
  readonly api: {
    register(definition: unknown): Disposable
    list(): Promise<object[]>
    get(id: unknown): Promise<object | undefined>
  }
}

export function almaProviders(state: HostState): Providers {
  const { manifest, violations } = state
  const registered = registry<HostedProvider>("provider", state)
  const info = ({ id, name }: HostedProvider) => ({ id, name, type: "plugin", enabled: true })
  return {
    registered,
    api: {
      register(given) {
        const definition = violations.parse(Definition, given, "providers.register")
        const declared =
          manifest.contributes.providers.find(({ id }) => id === definition.id) ??
          violations.refuse(`The provider ${definition.id} is not in the manifest.`)
        for (const field of ["name", "authType"] as const) {
          if (declared[field] === definition[field]) continue
          violations.refuse(`The provider's ${field} is ${definition[field]}, but ${declared[field]} in the manifest.`)
        }
        return registered.add(definition.id, hosted(given, definition, state))
      },
      list: async () => registered.all().map(info),
      async get(id) {
        const found = registered.get(violations.parse(v.string(), id, "providers.get"))
        return found === undefined ? undefined : info(found)
      },
    },
  }
}

function hosted(
  self: unknown,
  definition: v.InferOutput<typeof Definition>,
  { violations, output, run }: HostState,
): HostedProvider {
  async function call<M extends Method>(name: M, ...given: readonly unknown[]): Promise<Result<M>> {
    const method = definition[name]
    if (method === undefined) throw new Error(`The provider ${definition.id} has no ${name}.`)
    let result: unknown
    try {
      // Published plugins call their other methods through `this`.
      result = await run(() => Reflect.apply(method, self, given))
    } catch (error) {
      output.thrown(error)
      throw error
    }
    const parsed = violations.parse(RESULTS[name], result, `The result of ${name} of the provider ${definition.id}`)
    if (name !== "getSDKConfig" && name !== "createChatCompletion") output.shown(JSON.stringify(parsed))
    return parsed
  }

  return {
    id: definition.id,
    name: definition.name,
    description: definition.description,
    listsAccounts: definition.supportsMultiAccount === true,
    has: (method) => definition[method] !== undefined,
    initialize: () => call("initialize"),
    isAuthenticated: () => call("isAuthenticated"),
    authenticate: () => call("authenticate"),
    logout: () => call("logout"),
    getModels: () => call("getModels"),
    fetchModels: () => call("fetchModels"),
    getAccounts: () => call("getAccounts"),
    removeAccount: (id) => call("removeAccount", id),
    refreshQuotas: () => call("refreshQuotas"),
    async getSDKConfig() {
      const { fetch, ...config } = await call("getSDKConfig")
      return { ...config, fetch: (input, init) => run(() => fetch(input, init)) }
    },
    createChatCompletion: (request) => call("createChatCompletion", request),
  }
}
