import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { endpointLabel, type KeyHint, QwenAuthError } from "qwen-auth-core"
import { normalizeApiKey, parseApiEndpoint, type ResolvedKey, resolveKeyEndpoint } from "qwen-auth-core/internal"
import { memoized } from "qwen-auth-local/memoized"
import { keyEntry, unresolvedKeyEntry } from "../host/host-record.ts"
import { ENDPOINTS, WORKSPACE } from "./key-endpoint-choices.ts"
import type { SignInOptions, SignInResult } from "./method.ts"
import { prepareForKey } from "./prepare-for-key.ts"
import { withUserMessage } from "./with-user-message.ts"

type Inputs = Readonly<Record<string, string>>

/**
 * Signs in with an API key. Its endpoint is the one that the user chose, or is detected with read-only requests.
 * @param inputs the user's answers: `key`, `endpoint`, `host`
 * @throws Error whose message tells the user why the key cannot be used
 */
export async function signInWithApiKey(options: SignInOptions, inputs: Inputs): Promise<AuthOAuthResult> {
  const { instructions, resolved, entry } = await withUserMessage(
    check(options, inputs, options.attempts.begin()),
    options.notifyFailure,
  )
  return {
    url: "",
    instructions,
    method: "auto",
    // OpenCode may call back twice for one sign-in.
    callback: memoized(async () => {
      await prepareForKey(options, resolved)
      return entry
    }),
  }
}

interface CheckedKey {
  /** What the user reads. */
  readonly instructions: string
  /** Undefined if the endpoint is not known yet. */
  readonly resolved: ResolvedKey | undefined
  /** What OpenCode stores. */
  readonly entry: SignInResult
}

async function check({ platform, services }: SignInOptions, inputs: Inputs, signal: AbortSignal): Promise<CheckedKey> {
  const apiKey = normalizeApiKey(inputs["key"] ?? "")
  const hint = parseHint(inputs)
  try {
    const userAgent = await (await services()).hostUserAgent()
    const resolved = await resolveKeyEndpoint({ platform, apiKey, hint, userAgent, signal })
    const label = endpointLabel(resolved.credential)
    const instructions = resolved.checked
      ? `The key works: ${label}.`
      : `The key could not be checked. It is stored for ${label}.`
    return { instructions, resolved, entry: { type: "success", ...keyEntry(resolved.credential) } }
  } catch (error) {
    // Without a network the key is stored anyway; the first request detects its endpoint.
    if (!QwenAuthError.isInstance(error) || error.code !== "service_unreachable") throw error
    platform.log.warn("The API key could not be checked.", { reason: error.message })
    const instructions = `${error.message} The key is stored and will be checked with the first request.`
    return { instructions, resolved: undefined, entry: { type: "success", ...unresolvedKeyEntry(apiKey, hint) } }
  }
}

function parseHint({ endpoint: choice = "", host = "" }: Inputs): KeyHint {
  if (choice === WORKSPACE) return { endpoint: parseApiEndpoint(host) }
  const endpoint = /^\d+$/.test(choice) ? ENDPOINTS[Number(choice)] : undefined
  return endpoint === undefined ? {} : { plan: endpoint.plan, region: endpoint.region }
}
