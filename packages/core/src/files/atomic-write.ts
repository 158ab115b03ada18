import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import type { Platform } from "../platform.ts"
import { fileError, fileErrorCode } from "./file-error.ts"
import { linkTarget } from "./link-target.ts"
import { type PrivateFolderOptions, privateFolder } from "./private-folder.ts"

const RENAME_TRIES = 10

/** A file's next content on its way: room is reserved, nothing is visible yet. */
export interface PreparedWrite {
  /**
   * Makes `content` the file's content, so that a reader sees the old or the new content, never a part, also after a crash.
   * @param stillAllowed asked at the last moment; with `false` nothing is replaced
   * @returns whether the content was replaced
   * @throws the file system's error; the old content is then untouched
   */
  commit(content: string | Uint8Array, stillAllowed: () => Promise<boolean>): Promise<boolean>
  /** Removes what was prepared; after `commit` there is nothing to remove. */
  discard(): Promise<void>
}

/** How a file is replaced. */
export interface WriteOptions extends PrivateFolderOptions {
  /** Room to take on the disk before there is a content, bytes; none by default. */
  readonly reserve?: number
}

type Writer = Pick<Platform, "randomBytes" | "sleep">

/**
 * Replaces a file as a whole, by {@link prepareWrite}.
 * @throws the file system's error; the old content is then untouched
 */
export async function replaceFile(
  platform: Writer,
  path: string,
  content: string | Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  const write = await prepareWrite(platform, path, options)
  if (!(await write.commit(content, async () => true))) throw fileError("ENOENT", "The temporary file was removed.")
}

/**
 * Prepares to replace a file: a temporary file (0600) beside it. The file's folder is made, or tightened to 0700. A symbolic link stays
 * and the file where it ends is replaced, or made.
 * @throws the file system's error; no temporary file is left
 */
export async function prepareWrite(platform: Writer, path: string, options: WriteOptions = {}): Promise<PreparedWrite> {
  const { reserve } = options
  await privateFolder(dirname(path), options)
  const target = await linkTarget(path)
  // A link can lead into a folder that others use.
  await privateFolder(dirname(target), { ...options, keepMode: true })
  const temporary = `${target}.${Buffer.from(platform.randomBytes(6)).toString("hex")}.tmp`
  const file = await open(temporary, "wx", 0o600)
  let pending = true
  const discard = async () => {
    if (!pending) return
    pending = false
    await file.close().catch(() => {})
    await rm(temporary, { force: true }).catch(() => {})
  }
  const orDiscard = async <T>(task: () => Promise<T>): Promise<T> => {
    try {
      return await task()
    } catch (error) {
      await discard()
      throw error
    }
  }
  // What is random cannot be compressed, so that the room is really taken.
  if (reserve !== undefined) await orDiscard(() => fill(file, platform.randomBytes(reserve)))
  return {
    discard,
    commit: (content, stillAllowed) =>
      orDiscard(async () => {
        await fill(file, Buffer.from(content))
        if (!(await stillAllowed())) {
          await discard()
          return false
        }
        await file.close()
        if (!(await renameOver(platform, temporary, target, stillAllowed))) {
          await discard()
          return false
        }
        pending = false
        await syncFolder(dirname(target))
        return true
      }),
  }
}

/**
 * Removes what writers of this file left behind: those that were killed, and those that were stopped and whose turn is over. The
 * latter thereby cannot replace the file any more when they go on, even from the middle of `commit`. Only for who has the turn.
 */
export async function removeAbandonedWrites(path: string): Promise<void> {
  const target = await linkTarget(path)
  const prefix = `${basename(target)}.`
  const names = await readdir(dirname(target)).catch(() => [])
  const abandoned = names.filter(
    (name) => name.startsWith(prefix) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length)),
  )
  await Promise.all(abandoned.map((name) => rm(join(dirname(target), name), { force: true }).catch(() => {})))
}

/** Makes `bytes` the whole content, on the disk. */
async function fill(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    // A nearly full disk takes a part, and refuses only the rest.
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, written)
    if (bytesWritten === 0) throw fileError("ENOSPC", "The disk is full.")
    written += bytesWritten
  }
  await file.truncate(bytes.length)
  await file.sync()
}

/**
 * Renames; false when that is not allowed any more: a source that is gone was removed by who has the turn now. On Windows a
 * reader or a virus scanner can hold the target for a moment: EPERM, EACCES or EBUSY pass by themselves.
 */
async function renameOver(
  platform: Pick<Platform, "sleep">,
  from: string,
  to: string,
  stillAllowed: () => Promise<boolean>,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to)
      return true
    } catch (error) {
      const code = fileErrorCode(error)
      if (code === "ENOENT") return false
      if (!["EPERM", "EACCES", "EBUSY"].includes(code) || attempt === RENAME_TRIES) throw error
      await platform.sleep(10 * attempt)
      if (!(await stillAllowed())) return false
    }
  }
}

/** Makes the rename itself last through a power cut, where the system lets folders be synced (not on Windows). */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r")
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // The content is in place; only its survival of a power cut in this second is not certain.
  }
}
