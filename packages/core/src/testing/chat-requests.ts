import type { PreparedBodies } from "../api/prepared-bodies.ts"
import { createQwenFetch, type QwenFetchOptions, type RequestCredentials } from "../api/qwen-fetch.ts"
import type { Credential, OAuthCredential } from "../credentials/credential.ts"
import { CredentialManager } from "../credentials/credential-manager.ts"
import { type FakeWorldOptions, fakeWorld } from "./fake-world.ts"
import { memoryStore } from "./memory-store.ts"
import { credential, keyCredential, SERVER } from "./samples.ts"

/** Where a host's SDK thinks it goes. */
export const ASKED = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"
/** Where that is with a Qwen account. */
export const ACCOUNT_CHAT = "https://portal.qwen.ai/v1/chat/completions"
/** Where that is with {@link keyCredential}. */
export const KEY_CHAT = "https://coding-intl.dashscope.aliyuncs.com/v1/chat/completions"

export const AGENT = "qwen-auth/0 (test; x)"

const BODY = JSON.stringify({ model: "qwen3-coder-plus", messages: [{ role: "user", content: "hello" }] })
export const POST = { method: "POST", headers: { "content-type": "application/json" }, body: BODY }

type Configured = Partial<Pick<QwenFetchOptions, "apiBaseUrl" | "words">> & { bodies?: PreparedBodies }

/** Requests with a Qwen account, renewed by a real manager over a store in memory. */
export function accountRequests({ stored = credential(), ...options }: AccountRequestsOptions) {
  const world = fakeWorld(options)
  const store = memoryStore(stored ?? undefined)
  const credentials = new CredentialManager({ world, server: SERVER, store })
  const { apiBaseUrl, words } = options
  const qwenFetch = createQwenFetch({ world, credentials, userAgent: AGENT, apiBaseUrl, words })
  const api = () => world.requests.filter(({ url }) => url !== SERVER.tokenEndpoint)
  return { world, store, qwenFetch, api }
}

interface AccountRequestsOptions extends FakeWorldOptions, Configured {
  stored?: OAuthCredential | null
}

/** Requests with an API key. */
export function keyRequests({ held = keyCredential(), credentials, ...options }: KeyRequestsOptions) {
  const world = fakeWorld(options)
  const renewals: OAuthCredential[] = []
  const heard: Headers[] = []
  const given: RequestCredentials = {
    current: async () => held,
    renew: async (refused) => {
      renewals.push(refused)
      return held
    },
    observe: (headers) => void heard.push(headers),
    ...credentials,
  }
  const { apiBaseUrl, words, bodies } = options
  const qwenFetch = createQwenFetch({ world, credentials: given, userAgent: AGENT, apiBaseUrl, words, bodies })
  return { world, qwenFetch, renewals, heard }
}

interface KeyRequestsOptions extends FakeWorldOptions, Configured {
  held?: Credential
  credentials?: Partial<RequestCredentials>
}

/** An answer as the host reads it. */
export async function told(response: Response) {
  const body: unknown = await response.json()
  return { status: response.status, body, text: JSON.stringify(body) }
}
