import type { CredentialStore, Logger, OAuthCredential } from "qwen-auth-core"

/**
 * Our file, seeded from OpenCode's own record where that knows more: when there is no usable file, and when the record's token
 * ends later (an `auth.json` copied from another machine). Otherwise the file is the truth, because renewals reach it first. What
 * the record gave gets into the file with the next renewal.
 * @param hostRecord the credential in OpenCode's record, if there is one
 */
export function seededStore(
  file: CredentialStore,
  hostRecord: () => Promise<OAuthCredential | undefined>,
  log: Logger,
): CredentialStore {
  return {
    ...file,
    async read() {
      const stored = await file.read()
      const recorded = await hostRecord().catch((error: unknown) => {
        log.warn("OpenCode's record of the sign-in could not be read.", { error })
        return undefined
      })
      if (recorded === undefined || (stored.credential?.expiresAt ?? -1) >= recorded.expiresAt) return stored
      log.debug("The sign-in comes from OpenCode's record.", { problem: stored.problem?.message })
      return { credential: recorded }
    },
  }
}
