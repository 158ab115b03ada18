import { DEFAULT_API_BASE_URL, endpointLabel, type Fetch, type Platform } from "qwen-auth-core"
import { planOf, requestModelList } from "qwen-auth-core/internal"
import type { AlmaModel, AlmaProvider, AlmaSignIn } from "../host.ts"
import { MESSAGES } from "../messages.ts"
import { isRateLimited, type SignIn, type SignInState } from "../storage/sign-in.ts"
import { createChatCompletion } from "./chat-completion.ts"
import { liveModels, modelsFor } from "./models.ts"

/** What the provider does things with. */
export interface ProviderOptions {
  readonly platform: Platform
  readonly signIn: SignIn
  readonly fetch: Fetch
  readonly login: () => Promise<AlmaSignIn>
  readonly logout: () => Promise<void>
  /** Ends what is under way when the plugin ends. */
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
    isAuthenticated: async () => works(await signIn.state()),
    authenticate: login,
    logout,
    getModels: async () => modelsFor(await signIn.state()),
    fetchModels: () => fetchModels(options),
    getAccounts: async () => accounts(await signIn.state(), platform.now()),
    removeAccount: logout,
    // Alma wants a key; the fetch puts the present credential in its place.
    getSDKConfig: async () => ({ apiKey: "managed-by-qwen-auth", baseURL: DEFAULT_API_BASE_URL, fetch }),
    createChatCompletion: (request) => createChatCompletion(fetch, request),
  }
}

/** True for a sign-in that can still work. */
function works({ credential, problem }: SignInState): boolean {
  return credential !== undefined && problem === undefined
}

/** The live list where there is one, else what is known. */
async function fetchModels({ platform, signIn, signal }: ProviderOptions): Promise<AlmaModel[]> {
  const state = await signIn.state()
  const known = modelsFor(state)
  const { credential } = state
  if (credential?.type !== "api_key") return known
  const outcome = await requestModelList(platform, credential, signal)
  if (outcome.kind !== "accepted") return known
  const live = liveModels(planOf(credential.plan), outcome.ids)
  return live.length === 0 ? known : live
}

function accounts(state: SignInState, now: number) {
  const { credential } = state
  if (credential === undefined) return []
  const label = credential.type === "oauth" ? MESSAGES.accountLabel : endpointLabel(credential)
  return [{ id: "qwen", label, isRateLimited: isRateLimited(state, now) }]
}
