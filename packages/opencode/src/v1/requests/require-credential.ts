import { SIGN_IN } from "../messages.ts"
import type { AskedProvider } from "./asked-provider.ts"

/**
 * Stops a request that has no credential of any kind: nothing in OpenCode's record, no key in the environment, nothing in the
 * user's configuration of the provider. Without this the whole prompt would go out and come back as an error about API keys.
 * @param otherwise what a user without a credential reads
 * @throws Error with those words
 */
export function requireCredential(asked: AskedProvider, otherwise = SIGN_IN): void {
  const { apiKey, fetch, authorized, qwenUrl } = asked
  // An address that is not Qwen's is a gateway, which has a credential of its own.
  const credential = apiKey !== "" || typeof fetch === "function" || authorized || qwenUrl === undefined
  if (!credential) throw new Error(otherwise)
}
