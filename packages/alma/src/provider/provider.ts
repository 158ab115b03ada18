import { DEFAULT_API_BASE_URL, endpointLabel, type Fetch, type Platform } from "qwen-auth-core"
import { requestModelList } from "qwen-auth-core/internal"
import type { AlmaModel, AlmaProvider, AlmaSignIn } from "../host.ts"
import { MESSAGES } from "../messages.ts"
import { isRateLimited, type SignIn, type SignInState } from "../storage/sign-in.ts"
import { createChatCompletion } from "./chat-completion.ts"
import { modelsFor } from "./models.ts"

/** The parts of the plugin that the provider uses. */
export interface ProviderOptions {
  readonly platform: Platform
  readonly signIn: SignIn
  readonly fetch: Fetch
  readonly login: () => Promise<AlmaSignIn>
  readonly logout: () => Promise<void>
  /** Aborts running requests when the plugin is disposed. */
  readonly signal: AbortSignal
}

/** The provider `qwen` as Alma registers it. */
export function qwenProvider(options: ProviderOptions): AlmaProvider {
  const { platform, signIn, fetch, login, logout } = options
  return {
    id: "qwen",
    name: MESSAGES.provider.name,
    description: MESSAGES.provider.description,
    authType: "oauth",
    sdkType: "openai-compatible",
    initialize: async () => {},
    isAuthenticated: async () => isUsable(await signIn.state()),
    authenticate: login,
    logout,
    getModels: async () => modelsFor(await signIn.state()),
    fetchModels: () => fetchModels(options),
    getAccounts: async () => accounts(await signIn.state(), platform.now()),
    removeAccount: logout,
    // Alma requires a key. The fetch replaces it with the current credential.
    getSDKConfig: async () => ({ apiKey: "managed-by-qwen-auth", baseURL: DEFAULT_API_BASE_URL, fetch }),
    createChatCompletion: (request) => createChatCompletion(fetch, request),
  }
}

/** Whether requests with this sign-in can succeed. */
function isUsable({ credential, problem }: SignInState): boolean {
  return credential !== undefined && problem === undefined
}

/** The service's list for an API key. Without a key, or when the list cannot be read, the built-in list. */
async function fetchModels({ platform, signIn, signal }: ProviderOptions): Promise<AlmaModel[]> {
  const state = await signIn.state()
  const builtIn = modelsFor(state)
  const { credential } = state
  if (credential?.type !== "api_key") return builtIn
  const outcome = await requestModelList(platform, credential, signal)
  if (outcome.kind !== "accepted") return builtIn
  return modelsFor(state, outcome.ids)
}

function accounts(state: SignInState, now: number) {
  const { credential } = state
  if (credential === undefined) return []
  const label = credential.type === "oauth" ? MESSAGES.accountLabel : endpointLabel(credential)
  return [{ id: "qwen", label, isRateLimited: isRateLimited(state, now) }]
}
