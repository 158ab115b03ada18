import { isAllowedApiUrl } from "qwen-auth-core/internal"
import * as v from "valibot"
import { MODEL_API_URL } from "../../shared/model-entry.ts"
import { PROVIDER_ID } from "../../shared/sign-in-texts.ts"

const Text = v.fallback(v.string(), "")
const Fields = v.fallback(v.record(v.string(), v.unknown()), {})
const Options = v.object({
  apiKey: v.fallback(v.optional(v.string()), undefined),
  baseURL: Text,
  fetch: v.optional(v.unknown()),
  headers: Fields,
})

/** The hook's input. OpenCode 1.18 passes the provider itself, unlike its types say (observed). */
const Input = v.object({
  provider: v.object({
    id: v.literal(PROVIDER_ID),
    /** The key from OpenCode's record or the environment. */
    key: Text,
    env: v.fallback(v.array(v.string()), []),
    options: v.fallback(Options, { apiKey: undefined, baseURL: "", headers: {} }),
  }),
  model: v.fallback(v.object({ api: v.object({ npm: Text, url: Text }), headers: Fields }), {
    api: { npm: "", url: "" },
    headers: {},
  }),
})

/** How OpenCode is about to send a chat request of this provider. */
export interface ChatRequest {
  /** The API key; empty if there is none. */
  readonly apiKey: string
  /** The custom fetch of the SDK; undefined if it has none. */
  readonly fetch: unknown
  /** True if a header in the user's configuration contains a credential. */
  readonly authorized: boolean
  /** The API's base URL; undefined if it is not on one of Qwen's hosts. */
  readonly qwenUrl: URL | undefined
  /** The SDK's package, which decides the format of requests. */
  readonly sdk: string
}

const CREDENTIAL_HEADER = /^(?:authorization|x-api-key)$/i

/**
 * Parses the input of the hook `chat.params` by OpenCode's own rules (read in 1.18.33).
 * @returns undefined for another provider or unknown input
 */
export function parseChatRequest(
  input: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): ChatRequest | undefined {
  const parsed = v.safeParse(Input, input)
  if (!parsed.success) return undefined
  const { provider, model } = parsed.output
  const { apiKey, baseURL, fetch, headers } = provider.options
  const hostKey = [provider.key, ...provider.env.map((name) => environment[name])].find(Boolean)
  return {
    apiKey: apiKey ?? hostKey ?? "",
    fetch,
    authorized: Object.keys({ ...headers, ...model.headers }).some((name) => CREDENTIAL_HEADER.test(name)),
    qwenUrl: qwenUrl(baseURL || model.api.url || MODEL_API_URL),
    sdk: model.api.npm,
  }
}

/** Only the host decides: a wrong scheme or port does not turn Qwen's API into a gateway. */
function qwenUrl(address: string): URL | undefined {
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  return isAllowedApiUrl(new URL(`https://${url.hostname}`)) ? url : undefined
}
