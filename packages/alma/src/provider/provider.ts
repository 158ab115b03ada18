import { DEFAULT_API_BASE_URL, type Fetch, planOf, requestModelList, siteName, type World } from "qwen-auth-core"
import type { AlmaModel, AlmaProvider, AlmaSignIn } from "../host.ts"
import { isRateLimited, type SignIn, type SignInState } from "../storage/sign-in.ts"
import { WORDS } from "../words.ts"
import { createChatCompletion } from "./chat-completion.ts"
import { liveModels, modelsFor } from "./models.ts"

/** What the provider does things with. */
export interface ProviderOptions {
  readonly world: World
  readonly signIn: SignIn
  readonly fetch: Fetch
  readonly login: () => Promise<AlmaSignIn>
  readonly logout: () => Promise<void>
  /** Ends what is under way when the plugin ends. */
  readonly signal: AbortSignal
}

/** The provider `qwen` as Alma registers it. */
export function qwenProvider(options: ProviderOptions): AlmaProvider {
  const { world, signIn, fetch, login, logout } = options
  return {
    id: "qwen",
    name: WORDS.provider.name,
    description: WORDS.provider.description,
    authType: "oauth",
    sdkType: "openai-compatible",
    initialize: async () => {},
    isAuthenticated: async () => works(await signIn.state()),
    authenticate: login,
    logout,
    getModels: async () => modelsFor(await signIn.state()),
    fetchModels: () => fetchModels(options),
    getAccounts: async () => accounts(await signIn.state(), world.now()),
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
async function fetchModels({ world, signIn, signal }: ProviderOptions): Promise<AlmaModel[]> {
  const state = await signIn.state()
  const known = modelsFor(state)
  const { credential } = state
  if (credential?.type !== "api_key") return known
  const outcome = await requestModelList(world, credential, signal)
  if (outcome.kind !== "accepted") return known
  const live = liveModels(planOf(credential.plan), outcome.ids)
  return live.length === 0 ? known : live
}

function accounts(state: SignInState, now: number) {
  const { credential } = state
  if (credential === undefined) return []
  const label = credential.type === "oauth" ? WORDS.accountLabel : siteName(credential)
  return [{ id: "qwen", label, isRateLimited: isRateLimited(state, now) }]
}
