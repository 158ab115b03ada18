import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { endpointLabel, type KeyHint, QwenAuthError } from "qwen-auth-core"
import { normalizeApiKey, parseApiEndpoint, type ResolvedKey, resolveKeyEndpoint } from "qwen-auth-core/internal"
import { memoized } from "qwen-auth-local/memoized"
import { keyEntry, unresolvedKeyEntry } from "../host/host-record.ts"
import { SITES, WORKSPACE } from "./api-key-method.ts"
import type { SignInResult } from "./method.ts"
import type { SignInOptions } from "./methods.ts"
import { prepareForKey } from "./prepare-for-key.ts"
import { withUserMessage } from "./with-user-message.ts"

type Inputs = Readonly<Record<string, string>>

/** The key's place is found out by a read-only call, or was chosen; a wrong one is explained. */
export async function signInWithApiKey(options: SignInOptions, inputs: Inputs): Promise<AuthOAuthResult> {
  const { place, found, entry } = await withUserMessage(
    check(options, inputs, options.attempts.begin()),
    options.notifyFailure,
  )
  return {
    url: "",
    instructions: place,
    method: "auto",
    // OpenCode can ask twice for the end of one sign-in.
    callback: memoized(async () => {
      await prepareForKey(options, found)
      return entry
    }),
  }
}

/** Where a key belongs, said and ready to be stored. */
interface Checked {
  readonly place: string
  readonly found: ResolvedKey | undefined
  readonly entry: SignInResult
}

async function check({ platform }: SignInOptions, inputs: Inputs, signal: AbortSignal): Promise<Checked> {
  const apiKey = normalizeApiKey(inputs["key"] ?? "")
  const hint = chosen(inputs)
  try {
    const found = await resolveKeyEndpoint({ platform, apiKey, hint, signal })
    const said = found.checked ? "The key works" : "The key could not be checked and is taken as it is"
    const place = `${said}: ${endpointLabel(found.credential)}.`
    return { place, found, entry: { type: "success", ...keyEntry(found.credential) } }
  } catch (error) {
    // No network is no reason to refuse a key: where it belongs is found out at the first request.
    if (!QwenAuthError.isInstance(error) || error.code !== "service_unreachable") throw error
    platform.log.warn("The API key could not be checked.", { why: error.message })
    const place = `${error.message} It is stored, and checked at the first request.`
    return { place, found: undefined, entry: { type: "success", ...unresolvedKeyEntry(apiKey, hint) } }
  }
}

function chosen({ place = "", host = "" }: Inputs): KeyHint {
  if (place === WORKSPACE) return { endpoint: parseApiEndpoint(host) }
  const site = /^\d+$/.test(place) ? SITES[Number(place)] : undefined
  return site === undefined ? {} : { plan: site.plan, region: site.region }
}
