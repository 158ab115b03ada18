import type { CredentialStore, Logger, OAuthCredential } from "qwen-auth-core"

/**
 * Our file, started from OpenCode's own record where that knows more: when there is no usable file, and once at the
 * beginning when the record's token ends later (an `auth.json` copied from another machine). Afterwards the file is the
 * truth, because renewals reach it first.
 * @param hostRecord the credential in OpenCode's record, if there is one
 */
export function seededStore(
  file: CredentialStore,
  hostRecord: () => Promise<OAuthCredential | undefined>,
  log: Logger,
): CredentialStore {
  let compared = false
  return {
    ...file,
    async read() {
      const stored = await file.read()
      if (stored.credential !== undefined && compared) return stored
      const recorded = await hostRecord().catch((error: unknown) => {
        log.warn("OpenCode's record of the sign-in could not be read.", { error })
        return undefined
      })
      compared = true
      if (recorded === undefined || (stored.credential?.expiresAt ?? -1) >= recorded.expiresAt) return stored
      log.debug("The stored sign-in starts from OpenCode's record.", { problem: stored.problem?.message })
      await file.write(recorded).catch((error: unknown) => {
        log.warn("The sign-in could not be stored.", { error })
      })
      return { credential: recorded }
    },
  }
}
