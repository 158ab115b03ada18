import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { endpointLabel, type KeyHint, QwenAuthError } from "qwen-auth-core"
import { normalizeApiKey, parseApiEndpoint, type ResolvedKey, resolveKeyEndpoint } from "qwen-auth-core/internal"
import { readExistingKey } from "qwen-auth-local/existing-keys"
import { resolveFoundKey } from "../../shared/resolve-found-key.ts"
import { KEY_ENDPOINT } from "../../shared/sign-in-texts.ts"
import { keyEntry, unresolvedKeyEntry } from "../host/host-record.ts"
import { ENDPOINTS } from "./api-key-method.ts"
import { beginSignIn } from "./begin-sign-in.ts"
import { signInRemovedError } from "./existing-sign-in.ts"
import type { SignInOptions } from "./method.ts"
import { removeAccount } from "./remove-account.ts"

type Inputs = Readonly<Record<string, string>>

/** A key that the user entered or chose. */
interface GivenKey {
  readonly apiKey: string
  readonly hint: KeyHint
}

/**
 * Signs in with an API key. Its endpoint is the one that the user chose, or is detected with read-only requests.
 * @param inputs the user's answers: `key`, `endpoint`, `host`
 */
export function signInWithApiKey(options: SignInOptions, inputs: Inputs): Promise<AuthOAuthResult> {
  return signInWith(options, resolveKeyEndpoint, () => ({
    apiKey: normalizeApiKey(inputs["key"] ?? ""),
    hint: parseHint(inputs),
  }))
}

/**
 * Signs in with an API key that another program stored on this computer.
 * @param id of the key, see `existingKeys`
 */
export function signInWithFoundKey(options: SignInOptions, id: string): Promise<AuthOAuthResult> {
  return signInWith(options, resolveFoundKey, () => {
    const found = readExistingKey(options.settings, id)
    if (found === undefined) throw signInRemovedError()
    const { apiKey, endpoint, hint } = found
    return { apiKey, hint: { ...hint, endpoint } }
  })
}

function signInWith(
  options: SignInOptions,
  resolve: typeof resolveKeyEndpoint,
  givenKey: () => GivenKey,
): Promise<AuthOAuthResult> {
  const { platform, services, lists, attempts, notifyFailure } = options
  return beginSignIn(notifyFailure, async () => {
    const signal = attempts.begin()
    const { apiKey, hint } = givenKey()
    const userAgent = await services.hostUserAgent()
    try {
      const resolved = await resolve({ platform, apiKey, hint, userAgent, signal })
      return {
        instructions: resultOf(resolved),
        async finish() {
          await lists.remember(resolved.credential.baseUrl, resolved.models)
          await removeAccount(options)
          return { type: "success", ...keyEntry(resolved.credential) }
        },
      }
    } catch (error) {
      // Without a network the key is stored anyway; the first request detects its endpoint.
      if (!QwenAuthError.isInstance(error) || error.code !== "service_unreachable") throw error
      platform.log.warn("The API key could not be checked.", { reason: error.message })
      return {
        instructions: `${error.message} The key is stored and will be checked with the first request.`,
        async finish() {
          await removeAccount(options)
          return { type: "success", ...unresolvedKeyEntry(apiKey, hint) }
        },
      }
    }
  })
}

function resultOf({ credential, checked }: ResolvedKey): string {
  const label = endpointLabel(credential)
  return checked ? `The key works: ${label}.` : `The key could not be checked. It is stored for ${label}.`
}

function parseHint({ endpoint: choice = "", host = "" }: Inputs): KeyHint {
  if (choice === KEY_ENDPOINT.workspace.value) return { endpoint: parseApiEndpoint(host) }
  const endpoint = /^\d+$/.test(choice) ? ENDPOINTS[Number(choice)] : undefined
  return endpoint === undefined ? {} : { plan: endpoint.plan, region: endpoint.region }
}
