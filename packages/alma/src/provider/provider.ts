import { DEFAULT_API_BASE_URL, type Fetch, type Platform } from "qwen-auth-core"
import { requestModelList, withTimeout } from "qwen-auth-core/internal"
import type { AlmaModel, AlmaProvider, AlmaSignIn } from "../host.ts"
import { MESSAGES } from "../messages.ts"
import type { SignIn, SignInState } from "../storage/sign-in.ts"
import { accountsOf } from "./accounts.ts"
import { createChatCompletion } from "./chat-completion.ts"
import type { StoredLists } from "./live-lists.ts"
import { allModels, type KeyPlan, modelsOf } from "./models.ts"

/** The longest wait for the sign-in before the models are listed without it, ms. */
const SIGN_IN_MS = 1_000

/** The parts of the plugin that the provider uses. */
export interface ProviderOptions {
  readonly platform: Platform
  readonly signIn: SignIn
  readonly lists: StoredLists
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
    supportsMultiAccount: true,
    initialize: async () => {},
    isAuthenticated: async () => isUsable(await signIn.state()),
    authenticate: login,
    logout,
    getModels: () => getModels(options),
    fetchModels: () => fetchModels(options),
    getAccounts: async () => accountsOf(await signIn.state(), platform.now()),
    removeAccount: logout,
    // The service says what is left only in its answers, and `getAccounts` returns that.
    refreshQuotas: async () => {},
    // Alma requires a key. The fetch replaces it with the current credential.
    getSDKConfig: async () => ({ apiKey: "managed-by-qwen-auth", baseURL: DEFAULT_API_BASE_URL, fetch }),
    createChatCompletion: (request) => createChatCompletion(fetch, request),
  }
}

/** Whether requests with this sign-in can succeed. */
function isUsable({ credential, problem }: SignInState): boolean {
  return credential !== undefined && problem === undefined
}

/** All models that any sign-in may have. Never throws and never waits long: Alma takes from here what a model can do. */
async function getModels({ platform, signIn, lists }: ProviderOptions): Promise<AlmaModel[]> {
  const key = withTimeout(platform, SIGN_IN_MS, () => signIn.state()).then(keyPlan, () => undefined)
  return allModels(await key, await lists.read())
}

function keyPlan({ credential }: SignInState): KeyPlan {
  return credential?.type === "api_key" ? credential : undefined
}

/** The service's list for an API key. Without a key, or when the list cannot be read, the built-in list. */
async function fetchModels({ platform, signIn, lists, signal }: ProviderOptions): Promise<AlmaModel[]> {
  const { credential } = await signIn.state()
  if (credential?.type !== "api_key") return modelsOf(undefined)
  const outcome = await requestModelList(platform, credential, signal)
  if (outcome.kind !== "accepted") return modelsOf(credential)
  await lists.save({ [credential.plan]: outcome.ids })
  return modelsOf(credential, outcome.ids)
}
