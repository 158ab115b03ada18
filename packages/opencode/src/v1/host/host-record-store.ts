import type { CredentialStore, Logger, Stored } from "qwen-auth-core"
import type { HostRecord } from "./host-record.ts"
import { signInChangedError } from "./sign-in-changed.ts"

/**
 * Our file, seeded from OpenCode's own record where that knows more: when there is no usable file, and when the record's token
 * ends later (an `auth.json` copied from another machine). Otherwise the file is the truth, because renewals reach it first. What
 * the record gave gets into the file with the next renewal. Whether anyone is signed in, and how, is the record's to say.
 * @param hostRecord OpenCode's record; undefined while OpenCode has not loaded the provider
 */
export function hostRecordStore(
  file: CredentialStore,
  hostRecord: () => Promise<HostRecord | undefined>,
  log: Logger,
): CredentialStore {
  return {
    ...file,
    // Known once the file is chosen, which is later than this.
    get refusalGraceMs() {
      return file.refusalGraceMs
    },
    async read() {
      const stored = await file.read()
      const record = await hostRecord().catch((error: unknown) => {
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

/** When the stored account's token expires, epoch ms; before all others without one. */
function expiresAt({ credential }: Stored): number {
  return credential?.type === "oauth" ? credential.expiresAt : -1
}
