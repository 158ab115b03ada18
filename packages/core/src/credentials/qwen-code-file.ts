import { join } from "node:path"
import { QwenAuthError } from "../errors.ts"
import { nodePlatform, type Platform } from "../platform.ts"
import type { OAuthCredential } from "./credential.ts"
import { type CredentialFile, credentialFile, type LockedFile } from "./credential-file.ts"
import type { CredentialStore, LockedStore, Stored } from "./credential-store.ts"
import { acquireQwenCodeLock } from "./qwen-code-lock.ts"

/** How long after a refused refresh Qwen Code may still store what it got with the same refresh token, ms. */
const QWEN_CODE_REFUSAL_GRACE_MS = 3_000

/** How long after our own write another program's late refusal may still delete the file, ms. */
const VANISHING_MS = 30_000
/** Qwen Code 0.12 writes a new sign-in in place: what is half-written now is whole a moment later, ms. */
const SECOND_READ_MS = 50
const READING_MS = 200

/** What Qwen Code's file holds: an account, never an API key. */
interface StoredAccount {
  readonly credential?: OAuthCredential
  readonly problem?: QwenAuthError
}

/**
 * The sign-in that is shared with Qwen Code: its own file, replaced under our lock **and** Qwen Code's, and tolerant of its habits
 * (observed of 0.12 and 0.24). Fields that only other programs know stay.
 *
 * - Its lock can vanish while we hold it: each Qwen Code deletes it at its exit. So right before we replace the file it is compared
 *   with what it was at the beginning of the turn. A **different** access token that **ends later** is another program's newer
 *   credential, and stays (`superseded`). The server answered our refresh, so our refresh token was good until then; where tokens
 *   rotate, what is there now can only come from a new sign-in, which is the person's latest word; where they do not, both are good,
 *   and the stored one is what the other programs already use. Anything else (the same token, or one that ends earlier: a restored
 *   file) is replaced, because ours is then the only one known to be good.
 * - A late refusal elsewhere deletes the file: a file that is gone within 30 s after our own write is written again, from `read` or
 *   at the end of a turn, unless `clear` was called here.
 *
 * @param folder absolute path of Qwen Code's folder, `~/.qwen` usually; it keeps the mode it has
 */
export function qwenCodeFile(
  folder: string,
  options: { readonly platform?: Platform | undefined } = {},
): CredentialStore {
  const { platform = nodePlatform() } = options
  const file = credentialFile(join(folder, "oauth_creds.json"), { platform, shared: true })
  const lockPath = join(folder, "oauth_creds.lock")
  let ours: { readonly credential: OAuthCredential; readonly writtenAt: number } | undefined
  let turns = 0
  let restoring = false

  const read = () => readPatiently(platform, file)

  /** What is stored; `vanished`: what we stored a moment ago and somebody else deleted since. */
  async function look(): Promise<{ readonly stored: StoredAccount; readonly vanished?: OAuthCredential }> {
    const known = ours
    const stored = await read()
    // A write of ours ended while this read was under way: it says nothing of what that left.
    if (known === undefined || known !== ours || stored.problem !== undefined) return { stored }
    if (stored.credential !== undefined) {
      if (stored.credential.accessToken !== known.credential.accessToken) ours = undefined
      return { stored }
    }
    const elapsedMs = platform.now() - known.writtenAt
    return elapsedMs >= 0 && elapsedMs < VANISHING_MS ? { stored, vanished: known.credential } : { stored }
  }

  /** Writes again what vanished. The time of the first write goes on counting, so this ends. */
  async function restore(lock: LockedFile): Promise<void> {
    const { vanished } = await look()
    if (vanished === undefined) return
    platform.log.warn("Another program deleted the sign-in just after it was refreshed; storing it again.")
    // A sign-out here, or a file that came meanwhile, is the later word.
    await lock.write(vanished, async () => (await look()).vanished === vanished)
  }

  async function exclusive<T>(
    task: (lock: LockedStore) => Promise<T>,
    skipIf?: () => Promise<T | undefined>,
  ): Promise<T> {
    return file.withLock(async (own) => {
      const lock = await acquireQwenCodeLock(platform, lockPath, skipIf === undefined ? {} : { skipIf })
      if ("found" in lock) return lock.found
      turns++
      try {
        return await task(await sharedLock(own))
      } finally {
        await restore(own).catch((error: unknown) => {
          platform.log.warn("The sign-in that another program deleted could not be stored again.", { error })
        })
        turns--
        await lock.release()
      }
    }, skipIf)
  }

  async function sharedLock(lock: LockedFile): Promise<LockedStore> {
    let before = (await read()).credential
    return {
      isHeld: lock.isHeld,
      reserveSpace: lock.reserveSpace,
      async write(credential) {
        if (credential.type === "api_key") throw accountsOnly()
        let superseded = false
        const outcome = await lock.write(credential, async () => {
          superseded = isNewer((await read()).credential, before)
          return !superseded
        })
        if (outcome === "stored") before = credential
        ours = outcome === "stored" ? { credential, writtenAt: platform.now() } : undefined
        return superseded ? "superseded" : outcome
      },
    }
  }

  /** Nobody waits for it: a turn can take long, and the credential is in hand. */
  function restoreUnattended(): void {
    if (turns > 0 || restoring) return
    restoring = true
    exclusive(async () => {})
      .catch((error: unknown) => {
        platform.log.warn("The sign-in that another program deleted could not be stored again.", { error })
      })
      .finally(() => {
        restoring = false
      })
  }

  return {
    async read() {
      const { stored, vanished } = await look()
      if (vanished === undefined) return toStored(stored)
      restoreUnattended()
      return { credential: vanished }
    },
    async clear() {
      ours = undefined
      await file.clear()
    },
    withLock: exclusive,
    refusalGraceMs: QWEN_CODE_REFUSAL_GRACE_MS,
  }
}

function toStored({ credential, problem }: StoredAccount): Stored {
  if (credential !== undefined) return { credential }
  return problem === undefined ? {} : { problem }
}

function accountsOnly(): QwenAuthError {
  return new QwenAuthError("credential_not_stored", "Qwen Code's file can hold a Qwen account only.", {
    remedy: "Store the API key in a file of its own.",
  })
}

async function readPatiently(platform: Platform, file: CredentialFile): Promise<StoredAccount> {
  for (let waitedMs = 0; ; waitedMs += SECOND_READ_MS) {
    const { credential, problem } = await file.read()
    if (credential?.type === "oauth") return { credential }
    const failure = credential === undefined ? problem : accountsOnly()
    if (failure === undefined) return {}
    if (waitedMs >= READING_MS) return { problem: failure }
    await platform.sleep(SECOND_READ_MS)
  }
}

function isNewer(present: OAuthCredential | undefined, before: OAuthCredential | undefined): boolean {
  if (present === undefined || present.accessToken === before?.accessToken) return false
  return before === undefined || present.expiresAt > before.expiresAt
}
