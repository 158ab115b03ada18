import { join } from "node:path"
import { QwenAuthError } from "../errors.ts"
import { nodePlatform, type Platform } from "../platform.ts"
import type { OAuthCredential } from "./credential.ts"
import { type CredentialFile, credentialFile, type LockedFile } from "./credential-file.ts"
import type { CredentialStore, LockedStore, Stored } from "./credential-store.ts"
import { acquireQwenCodeLock } from "./qwen-code-lock.ts"

/** How long after a refused refresh Qwen Code may still store the tokens of the same refresh token, ms. */
const QWEN_CODE_REFUSAL_GRACE_MS = 3_000

/** How long after our write another program may still delete the file because its own refresh was refused, ms. */
const VANISHING_MS = 30_000
/** Interval between reads of an incomplete file, ms. Qwen Code 0.12 does not write a new sign-in atomically. */
const REREAD_MS = 50
/** Total time to wait for an incomplete file to become complete, ms. */
const READ_TIMEOUT_MS = 200

/** The content of Qwen Code's file: a Qwen account, never an API key. */
type StoredAccount = Stored<OAuthCredential>

/** Our last write. */
interface Written {
  readonly credential: OAuthCredential
  readonly formerTokens: readonly string[] | undefined
  /** Epoch ms. */
  readonly writtenAt: number
}

/**
 * Stores the credential in Qwen Code's own file, so that both programs share a sign-in. The file is replaced while we
 * hold our lock **and** Qwen Code's. Fields of other programs and the folder's mode are preserved. Behaviour observed
 * in Qwen Code 0.12 and 0.24:
 *
 * - Qwen Code deletes its lock when it exits, even if we hold it. Just before we replace the file, we therefore compare
 *   it with its content at the time of locking. A **different** access token that **expires later** is another
 *   program's newer credential and is kept (`superseded`). Our refresh succeeded, so our refresh token was valid until
 *   then. If the server rotates refresh tokens, the stored credential must come from a new sign-in, which is the user's
 *   latest decision. If it does not, both are valid, and other programs already use the stored one. In all other cases
 *   (the same token, or one that expires earlier, as in a restored file) the file is replaced, because only our
 *   credential is known to be valid.
 * - Qwen Code deletes the file when its own refresh is refused. If the file disappears within 30 s after our write, it
 *   is written again, after a `read` or before the lock is released, unless `clear` was called in this process.
 *
 * @param folder absolute path of Qwen Code's folder, usually `~/.qwen`
 */
export function qwenCodeFile(
  folder: string,
  options: { readonly platform?: Platform | undefined } = {},
): CredentialStore {
  const { platform = nodePlatform() } = options
  const file = credentialFile(join(folder, "oauth_creds.json"), { platform, shared: true })
  const lockPath = join(folder, "oauth_creds.lock")
  let lastWrite: Written | undefined
  let locksHeld = 0
  let restoring = false

  const read = () => readComplete(platform, file)
  const warnNotRestored = (error: unknown) => {
    platform.log.warn("The sign-in that another program deleted could not be stored again.", { error })
  }

  /** Reads the file. `vanished`: our recent write, if another program has deleted it. */
  async function readStored(): Promise<{ readonly stored: StoredAccount; readonly vanished?: Written }> {
    const known = lastWrite
    const stored = await read()
    // Our own write finished during this read, so the result may be older than the write.
    if (known === undefined || known !== lastWrite || stored.problem !== undefined) return { stored }
    if (stored.credential !== undefined) {
      if (stored.credential.accessToken !== known.credential.accessToken) lastWrite = undefined
      return { stored }
    }
    const elapsedMs = platform.now() - known.writtenAt
    return elapsedMs >= 0 && elapsedMs < VANISHING_MS ? { stored, vanished: known } : { stored }
  }

  /** Writes a deleted credential again. The 30 s count from the first write, so this stops eventually. */
  async function restore(lock: LockedFile): Promise<void> {
    const { vanished } = await readStored()
    if (vanished === undefined) return
    platform.log.warn("Another program deleted the sign-in just after it was refreshed; storing it again.")
    // A sign-out in this process or a new file in the meantime has precedence.
    const stillVanished = async () => (await readStored()).vanished === vanished
    await lock.write(vanished.credential, vanished.formerTokens, stillVanished)
  }

  async function withLock<T>(
    task: (lock: LockedStore) => Promise<T>,
    skipIf?: () => Promise<T | undefined>,
  ): Promise<T> {
    return file.withLock(async (own) => {
      const lock = await acquireQwenCodeLock(platform, lockPath, skipIf)
      if ("found" in lock) return lock.found
      locksHeld++
      try {
        return await task(await sharedLock(own))
      } finally {
        await restore(own).catch(warnNotRestored)
        locksHeld--
        await lock.release()
      }
    }, skipIf)
  }

  async function sharedLock(lock: LockedFile): Promise<LockedStore> {
    let before = (await read()).credential
    return {
      isHeld: lock.isHeld,
      reserveSpace: lock.reserveSpace,
      async write(credential, formerTokens) {
        if (credential.type === "api_key") throw accountsOnlyError()
        let superseded = false
        const outcome = await lock.write(credential, formerTokens, async () => {
          superseded = isNewer((await read()).credential, before)
          return !superseded
        })
        if (outcome === "stored") before = credential
        lastWrite = outcome === "stored" ? { credential, formerTokens, writtenAt: platform.now() } : undefined
        return superseded ? "superseded" : outcome
      },
    }
  }

  /** Runs in the background: locking can take long, and the caller already has the credential. */
  function restoreInBackground(): void {
    if (locksHeld > 0 || restoring) return
    restoring = true
    withLock(async () => {})
      .catch(warnNotRestored)
      .finally(() => {
        restoring = false
      })
  }

  return {
    async read() {
      const { stored, vanished } = await readStored()
      if (vanished === undefined) return stored
      restoreInBackground()
      return { credential: vanished.credential, formerTokens: vanished.formerTokens }
    },
    async clear() {
      lastWrite = undefined
      await file.clear()
    },
    withLock,
    refusalGraceMs: QWEN_CODE_REFUSAL_GRACE_MS,
  }
}

function accountsOnlyError(): QwenAuthError {
  return new QwenAuthError("credential_not_stored", "Qwen Code's file can hold a Qwen account only.", {
    remedy: "Store the API key in a file of its own.",
  })
}

async function readComplete(platform: Platform, file: CredentialFile): Promise<StoredAccount> {
  for (let waitedMs = 0; ; waitedMs += REREAD_MS) {
    const { credential, formerTokens, problem } = await file.read()
    if (credential?.type === "oauth") return { credential, formerTokens }
    const failure = credential === undefined ? problem : accountsOnlyError()
    if (failure === undefined) return {}
    if (waitedMs >= READ_TIMEOUT_MS) return { problem: failure }
    await platform.sleep(REREAD_MS)
  }
}

function isNewer(present: OAuthCredential | undefined, before: OAuthCredential | undefined): boolean {
  if (present === undefined || present.accessToken === before?.accessToken) return false
  return before === undefined || present.expiresAt > before.expiresAt
}
