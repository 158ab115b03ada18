import { type CredentialStore, type LockedStore, QwenAuthError } from "qwen-auth-core"
import type { SignInSecrets } from "./secrets.ts"

/**
 * The Qwen account in Alma's secret storage, as the credential manager needs it. Alma runs one plugin host, so turns are taken within
 * this process.
 * @param mayReplaceKey whether the account is a new sign-in
 */
export function accountStore(secrets: SignInSecrets, mayReplaceKey: () => boolean): CredentialStore {
  let last: Promise<unknown> = Promise.resolve()
  const lock: LockedStore = {
    isHeld: async () => true,
    reserveSpace: async () => {},
    async write(credential) {
      const stored = await secrets.read()
      // A renewal, or a token that could not be stored before, must not overwrite the key that took the account's place.
      if (stored.credential?.type === "api_key" && !mayReplaceKey()) return "superseded"
      await secrets.write(credential)
      return "stored"
    },
  }
  return {
    async read() {
      const { credential, problem } = await secrets.read()
      if (credential?.type === "oauth") return { credential }
      if (credential !== undefined) return { problem: replaced() }
      return problem === undefined ? {} : { problem }
    },
    clear: () => secrets.clear(),
    withLock(task) {
      const result = last.then(() => task(lock))
      last = result.catch(() => {})
      return result
    },
  }
}

/** A renewal of the account must not overwrite the key that took its place. */
function replaced(): QwenAuthError {
  return new QwenAuthError("sign_in_changed", "The Qwen account was replaced by an API key.", { remedy: "Try again." })
}
