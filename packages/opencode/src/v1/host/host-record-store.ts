import type { CredentialStore, Logger, Stored } from "qwen-auth-core"
import type { HostRecord } from "./host-record.ts"
import { signInChangedError } from "./sign-in-changed.ts"

/**
 * Combines the plugin's file with OpenCode's own record. OpenCode's record decides whether the user is signed in and
 * with which method. Its token is used if there is no usable file, or if the token expires later than the file's (an
 * `auth.json` copied from another machine); the next refresh writes it to the file. Otherwise the file's token is used,
 * because a refresh reaches the file first.
 * @param readHostRecord reads OpenCode's record; undefined while OpenCode has not loaded the provider
 */
export function hostRecordStore(
  file: CredentialStore,
  readHostRecord: () => Promise<HostRecord | undefined>,
  log: Logger,
): CredentialStore {
  return {
    ...file,
    // A getter, because the value is known only after the file is chosen.
    get refusalGraceMs() {
      return file.refusalGraceMs
    },
    async read() {
      const stored = await file.read()
      const record = await readHostRecord().catch((error: unknown) => {
        log.warn("OpenCode's record of the sign-in could not be read.", { error })
        return undefined
      })
      if (record === undefined) return stored
      if (record.kind !== "account") return { problem: signInChangedError(record) }
      if (expiresAt(stored) >= record.credential.expiresAt) return stored
      log.debug("The sign-in comes from OpenCode's record.", { problem: stored.problem?.message })
      return { credential: record.credential }
    },
  }
}

/** When the stored account's token expires, epoch ms; -1 without an account. */
function expiresAt({ credential }: Stored): number {
  return credential?.type === "oauth" ? credential.expiresAt : -1
}
