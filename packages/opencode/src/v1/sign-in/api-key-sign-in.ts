import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { endpointLabel, type KeyHint, QwenAuthError } from "qwen-auth-core"
import { normalizeApiKey, parseApiEndpoint, type ResolvedKey, resolveKeyEndpoint } from "qwen-auth-core/internal"
import { readExistingKey } from "qwen-auth-local/existing-keys"
import { memoized } from "qwen-auth-local/memoized"
import { KEY_ENDPOINT } from "../../shared/sign-in-texts.ts"
import { keyEntry, unresolvedKeyEntry } from "../host/host-record.ts"
import { signInRemoved } from "./existing-sign-in.ts"
import { ENDPOINTS } from "./key-endpoint-choices.ts"
import type { SignInOptions, SignInResult } from "./method.ts"
import { prepareForKey } from "./prepare-for-key.ts"
import { withUserMessage } from "./with-user-message.ts"

type Inputs = Readonly<Record<string, string>>

/** A key that the user entered or chose. */
interface GivenKey {
  readonly apiKey: string
  readonly hint: KeyHint
  /** Where to ask first, not a choice of the user: the key may belong elsewhere. */
  readonly guessed?: boolean
}

/**
 * Signs in with an API key. Its endpoint is the one that the user chose, or is detected with read-only requests.
 * @param inputs the user's answers: `key`, `endpoint`, `host`
 * @throws Error whose message tells the user why the key cannot be used
 */
export async function signInWithApiKey(options: SignInOptions, inputs: Inputs): Promise<AuthOAuthResult> {
  return signInWith(options, () => ({ apiKey: normalizeApiKey(inputs["key"] ?? ""), hint: parseHint(inputs) }))
}

/**
 * Signs in with an API key that another program stored on this computer.
 * @param id of the key, see `existingKeys`
 * @throws Error whose message tells the user why the key cannot be used
 */
export async function signInWithFoundKey(options: SignInOptions, id: string): Promise<AuthOAuthResult> {
  return signInWith(options, () => {
    const found = readExistingKey(options.settings, id)
    if (found === undefined) throw signInRemoved()
    const { apiKey, endpoint, hint = {} } = found
    return { apiKey, hint: endpoint === undefined ? hint : { endpoint }, guessed: true }
  })
}

async function signInWith(options: SignInOptions, given: () => GivenKey): Promise<AuthOAuthResult> {
  const { instructions, resolved, entry } = await withUserMessage(
    check(options, given, options.attempts.begin()),
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

async function check(options: SignInOptions, given: () => GivenKey, signal: AbortSignal): Promise<CheckedKey> {
  const { platform } = options
  const { apiKey, hint, guessed = false } = given()
  const userAgent = await options.services.hostUserAgent()
  const resolve = (where: KeyHint) => resolveKeyEndpoint({ platform, apiKey, hint: where, userAgent, signal })
  try {
    const resolved = await resolve(hint).catch((error: unknown) => {
      if (guessed && QwenAuthError.isInstance(error) && error.code === "api_key_wrong_plan") return resolve({})
      throw error
    })
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
  if (choice === KEY_ENDPOINT.workspace.value) return { endpoint: parseApiEndpoint(host) }
  const endpoint = /^\d+$/.test(choice) ? ENDPOINTS[Number(choice)] : undefined
  return endpoint === undefined ? {} : { plan: endpoint.plan, region: endpoint.region }
}
