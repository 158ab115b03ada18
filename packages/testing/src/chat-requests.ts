import type { Credential, OAuthCredential } from "qwen-auth-core"
import {
  CredentialManager,
  createQwenFetch,
  fieldsOf,
  type PreparedBodies,
  parseJsonObject,
  type QwenFetchOptions,
  type RequestCredentials,
} from "qwen-auth-core/internal"
import { type FakePlatformOptions, fakePlatform } from "./fake-platform.ts"
import { memoryStore } from "./memory-store.ts"
import { credential, keyCredential, SERVER } from "./samples.ts"

/** The chat URL that a host's SDK requests. */
export const CHAT_URL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"
/** The URL that {@link CHAT_URL} becomes with a Qwen account. */
export const ACCOUNT_CHAT = "https://portal.qwen.ai/v1/chat/completions"
/** The URL that {@link CHAT_URL} becomes with {@link keyCredential}. */
export const KEY_CHAT = "https://coding-intl.dashscope.aliyuncs.com/v1/chat/completions"

export const AGENT = "qwen-auth/0 (test; x)"

const BODY = JSON.stringify({ model: "qwen3-coder-plus", messages: [{ role: "user", content: "hello" }] })
export const POST = { method: "POST", headers: { "content-type": "application/json" }, body: BODY }

type Configured = Partial<Pick<QwenFetchOptions, "apiBaseUrl" | "formatError">> & { bodies?: PreparedBodies }

/** Requests with a Qwen account, refreshed by a real manager over a store in memory. */
export function accountRequests({ stored = credential(), ...options }: AccountRequestsOptions) {
  const platform = fakePlatform(options)
  const store = memoryStore(stored ?? undefined)
  const credentials = new CredentialManager({ platform, server: SERVER, store })
  const { apiBaseUrl, formatError } = options
  const qwenFetch = createQwenFetch({ platform, credentials, userAgent: AGENT, apiBaseUrl, formatError })
  return {
    platform,
    store,
    qwenFetch,
    chat: (init: RequestInit = POST) => qwenFetch(CHAT_URL, init),
    /** The requests to the API, without those to the token endpoint. */
    api: () => platform.requests.filter(({ url }) => url !== SERVER.tokenEndpoint),
  }
}

interface AccountRequestsOptions extends FakePlatformOptions, Configured {
  stored?: OAuthCredential | null
}

/** Requests with an API key. */
export function keyRequests({ key = keyCredential(), credentials, ...options }: KeyRequestsOptions) {
  const platform = fakePlatform(options)
  const refreshes: OAuthCredential[] = []
  const clockHeaders: Headers[] = []
  const keyCredentials: RequestCredentials = {
    getCredential: async () => key,
    refresh: async (rejected) => {
      refreshes.push(rejected)
      return key
    },
    syncClock: (headers) => void clockHeaders.push(headers),
    ...credentials,
  }
  const { apiBaseUrl, formatError, bodies } = options
  const qwenFetch = createQwenFetch({
    platform,
    credentials: keyCredentials,
    userAgent: AGENT,
    apiBaseUrl,
    formatError,
    bodies,
  })
  return {
    platform,
    qwenFetch,
    chat: (init: RequestInit = POST) => qwenFetch(CHAT_URL, init),
    refreshes,
    clockHeaders,
  }
}

interface KeyRequestsOptions extends FakePlatformOptions, Configured {
  key?: Credential
  credentials?: Partial<RequestCredentials>
}

/** Both kinds of credential. For tests of what they have in common. */
export const ROUTES = [
  ["a Qwen account", accountRequests],
  ["an API key", keyRequests],
] as const

/** Reads an error response as a host does. `text` is the whole body. */
export async function readError(response: Response) {
  const text = await response.text()
  const { code, type, message } = fieldsOf(parseJsonObject(text)?.["error"]) ?? {}
  return { status: response.status, code, type, message: String(message), text }
}

/** Reads a response as a host does. */
export async function readResponse(response: Response) {
  const body: unknown = await response.json()
  return { status: response.status, body, text: JSON.stringify(body) }
}
