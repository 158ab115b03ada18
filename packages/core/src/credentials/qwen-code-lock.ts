import { link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises"
import { abortedError, QwenAuthError } from "../errors.ts"
import { fileErrorCode } from "../files/file-error.ts"
import { pause } from "../http/deadline.ts"
import type { Platform } from "../platform.ts"
import type { LockOptions, Skipped } from "./file-lock.ts"

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000
/** Qwen Code 0.12 calls a lock stale after 10 s, 0.24 after 35 s: ours has to look alive to both. */
const HEARTBEAT_MS = 1_000
/** Qwen Code gives no signs of life, so a lock that did not change is only dead when no version of it could still hold it. */
const DEAD_AFTER_MS = 36_000
/** Longer than a dead lock takes; our own processes wait 45 s for us meanwhile. */
const WAIT_MS = 42_000

/**
 * How the text of our locks begins: `qwauth` in the application's own part of a UUID of version 8 (RFC 9562 §5.8). Only the
 * holder of our own lock makes one, so whoever holds that one now and finds such a lock has found a leftover.
 */
const OUR_UUID = "71776175-7468-8"

/** Qwen Code's lock while it is ours. Its absence harms nothing: Qwen Code deletes it at its exit, whoever holds it. */
export interface QwenCodeLock {
  /** Removes the lock if it is still ours. */
  release(): Promise<void>
}

type Waiting<T> = Pick<LockOptions<T>, "signal" | "skipIf">

/** What can be seen of a lock's file. */
interface Seen {
  readonly text: string
  readonly modifiedAt: number
}

/**
 * Takes Qwen Code's lock by its own protocol: a plain file made with `wx` that holds a UUID, asked for again and again. While it is
 * held its time is kept fresh. A dead one is moved aside, looked at and, if it was another that was moved, put back.
 *
 * Only for the holder of our own lock: so at most one of our processes waits here.
 * @param path absolute path of `oauth_creds.lock`
 * @param options as those of our own lock
 * @throws QwenAuthError `credential_locked` after 42 s, `credential_not_stored` when no file can be made there, `aborted`
 */
export function acquireQwenCodeLock(platform: Platform, path: string, options?: Waiting<never>): Promise<QwenCodeLock>
export function acquireQwenCodeLock<T>(
  platform: Platform,
  path: string,
  options: Waiting<T>,
): Promise<QwenCodeLock | Skipped<T>>
export async function acquireQwenCodeLock<T>(
  platform: Platform,
  path: string,
  options: Waiting<T> = {},
): Promise<QwenCodeLock | Skipped<T>> {
  const { signal, skipIf } = options
  const uuid = ourUuid(platform)
  let watched: (Seen & { unchangedMs: number }) | undefined
  let waitedMs = 0
  for (let wantedMs = FIRST_PAUSE_MS; ; ) {
    if (signal?.aborted) throw abortedError(signal)
    const text = await claim(path, uuid)
    if (text !== undefined) return startHeartbeat(platform, path, text)
    const seen = await look(path)
    if (seen === undefined || !isSame(seen, watched)) watched = seen && { ...seen, unchangedMs: 0 }
    const dead = watched !== undefined && (watched.text.startsWith(OUR_UUID) || watched.unchangedMs > DEAD_AFTER_MS)
    if (dead && watched !== undefined && (await removeDead(platform, path, watched))) continue
    const found = await skipIf?.()
    if (found !== undefined) return { found }
    if (waitedMs >= WAIT_MS) throw locked(path)
    const pauseMs = jitter(platform, wantedMs)
    await pause(platform, pauseMs, signal)
    waitedMs += pauseMs
    if (watched !== undefined) watched.unchangedMs += pauseMs
    wantedMs = Math.min(wantedMs * 1.5, LONGEST_PAUSE_MS)
  }
}

/** Makes the file: what it holds then, or undefined when there is one already. */
async function claim(path: string, uuid: string): Promise<string | undefined> {
  try {
    const file = await open(path, "wx", 0o600)
    try {
      await file.writeFile(uuid)
      return uuid
    } catch {
      // A full disk: the name alone is the claim.
      await file.truncate(0).catch(() => {})
      return ""
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = fileErrorCode(error)
    // Windows answers EPERM while a file of that name is being deleted.
    if (code === "EEXIST" || (code === "EPERM" && process.platform === "win32")) return undefined
    throw new QwenAuthError("credential_not_stored", `Qwen Code's lock ${path} could not be created (${code}).`, {
      remedy: "Check the folder's owner and mode and the free space on the disk.",
      cause: error,
    })
  }
}

function startHeartbeat(platform: Platform, path: string, text: string): QwenCodeLock {
  const isOurs = async () => (await look(path))?.text === text
  const stop = platform.setInterval(HEARTBEAT_MS, async () => {
    const now = new Date(platform.now())
    if (await isOurs()) await utimes(path, now, now).catch(() => {})
  })
  return {
    async release() {
      stop()
      if (await isOurs()) await rm(path, { force: true }).catch(() => {})
    },
  }
}

async function look(path: string): Promise<Seen | undefined> {
  try {
    const { mtimeMs } = await stat(path)
    // What cannot be read is still a lock.
    return { modifiedAt: mtimeMs, text: await readFile(path, "utf8").catch(() => "") }
  } catch {
    return undefined
  }
}

function isSame(one: Seen, other: Seen | undefined): boolean {
  return one.text === other?.text && one.modifiedAt === other.modifiedAt
}

/**
 * Removes a lock that was judged dead. Between judgement and removal another program may have done the same and made its own
 * lock, so what was moved aside is compared first.
 * @returns whether it was the dead one that went
 */
async function removeDead(platform: Platform, path: string, dead: Seen): Promise<boolean> {
  const aside = `${path}.${Buffer.from(platform.randomBytes(6)).toString("hex")}.dead`
  try {
    await rename(path, aside)
  } catch {
    return false
  }
  const moved = await look(aside)
  const right = moved !== undefined && isSame(moved, dead)
  // `link` never replaces: if yet another lock was made meanwhile, that one stays.
  if (!right) await link(aside, path).catch(() => {})
  await rm(aside, { force: true }).catch(() => {})
  return right
}

function ourUuid(platform: Platform): string {
  const hex = Buffer.from(platform.randomBytes(10)).toString("hex")
  return `${OUR_UUID}${hex.slice(0, 3)}-a${hex.slice(3, 6)}-${hex.slice(6, 18)}`
}

/** Three quarters to five quarters of `ms`. */
function jitter(platform: Platform, ms: number): number {
  const [byte = 0] = platform.randomBytes(1)
  return Math.round(ms * (0.75 + byte / 510))
}

function locked(path: string): QwenAuthError {
  return new QwenAuthError("credential_locked", `Qwen Code is refreshing the sign-in and has not finished (${path}).`, {
    remedy: "Try again in a moment. If this happens again, close Qwen Code.",
  })
}
