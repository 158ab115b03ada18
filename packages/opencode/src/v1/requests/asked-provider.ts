import { isAllowedApiUrl } from "qwen-auth-core/internal"
import * as v from "valibot"
import { MODEL_API_URL } from "../../shared/model-entry.ts"
import { PROVIDER_ID } from "../messages.ts"

const Text = v.fallback(v.string(), "")
const Fields = v.fallback(v.record(v.string(), v.unknown()), {})
const Options = v.object({
  apiKey: v.fallback(v.optional(v.string()), undefined),
  baseURL: Text,
  fetch: v.optional(v.unknown()),
  headers: Fields,
})

/** OpenCode 1.18 hands hooks the provider itself, unlike its types say (observed). */
const Asked = v.object({
  provider: v.object({
    id: v.literal(PROVIDER_ID),
    /** What OpenCode found in its record or in the environment. */
    key: Text,
    env: v.fallback(v.array(v.string()), []),
    options: v.fallback(Options, { apiKey: undefined, baseURL: "", headers: {} }),
  }),
  model: v.fallback(v.object({ api: v.object({ npm: Text, url: Text }), headers: Fields }), {
    api: { npm: "", url: "" },
    headers: {},
  }),
})

/** What OpenCode is about to send a request of this provider with. */
export interface AskedProvider {
  /** The API key; empty when there is none. */
  readonly apiKey: string
  /** The fetch that the SDK was given, if it was. */
  readonly fetch: unknown
  /** A header of the user's own carries a credential. */
  readonly authorized: boolean
  /** The API's base URL; undefined when it is not on one of Qwen's hosts. */
  readonly qwenUrl: URL | undefined
  /** The SDK's package, which decides the format of requests. */
  readonly sdk: string
}

const CREDENTIAL_HEADER = /^(?:authorization|x-api-key)$/i

/**
 * Reads what OpenCode hands the hook `chat.params`, by the rules that OpenCode itself follows (read in 1.18.33).
 * @returns undefined for another provider, and for what is not understood
 */
export function askedProvider(
  input: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): AskedProvider | undefined {
  const parsed = v.safeParse(Asked, input)
  if (!parsed.success) return undefined
  const { provider, model } = parsed.output
  const { apiKey, baseURL, fetch, headers } = provider.options
  const found = [provider.key, ...provider.env.map((name) => environment[name])].find(Boolean)
  return {
    apiKey: apiKey ?? found ?? "",
    fetch,
    authorized: Object.keys({ ...headers, ...model.headers }).some((name) => CREDENTIAL_HEADER.test(name)),
    qwenUrl: qwenUrl(baseURL || model.api.url || MODEL_API_URL),
    sdk: model.api.npm,
  }
}

/** Judged by its host alone: a wrong scheme or port does not make it a gateway. */
function qwenUrl(address: string): URL | undefined {
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  return isAllowedApiUrl(new URL(`https://${url.hostname}`)) ? url : undefined
}
