import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import type { Platform } from "../platform.ts"
import { fileError, fileErrorCode } from "./file-error.ts"
import { linkTarget } from "./link-target.ts"
import { type PrivateFolderOptions, privateFolder } from "./private-folder.ts"

const MAX_RENAME_ATTEMPTS = 10

/** A write that is prepared but not visible yet. */
export interface PreparedWrite {
  /**
   * Replaces the file's content. A reader sees either the old or the new content, never a part of it, even after a
   * crash.
   * @param stillAllowed called immediately before the replacement; if it returns false, nothing is replaced
   * @returns whether the content was replaced
   * @throws the error of the file system; the old content is then unchanged
   */
  commit(content: string | Uint8Array, stillAllowed: () => Promise<boolean>): Promise<boolean>
  /** Removes the temporary file. `commit` does this too. */
  discard(): Promise<void>
}

/** Options for replacing a file. */
export interface WriteOptions extends PrivateFolderOptions {
  /** Disk space to reserve before the content is known, bytes; none by default. */
  readonly reserve?: number
}

type Writer = Pick<Platform, "randomBytes" | "sleep">

/**
 * Replaces a file atomically, see {@link prepareWrite}.
 * @throws the error of the file system; the old content is then unchanged
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
 * Prepares to replace a file: creates a temporary file (0600) beside it. Creates the file's folder, or restricts its
 * mode to 0700. Preserves a symbolic link and replaces or creates its target.
 * @throws the error of the file system, `EINVAL` for a device, a pipe or a socket; no temporary file is left
 */
export async function prepareWrite(platform: Writer, path: string, options: WriteOptions = {}): Promise<PreparedWrite> {
  const { reserve } = options
  await privateFolder(dirname(path), options)
  const target = await linkTarget(path)
  await refuseDevice(target)
  // A link can point into a folder that other programs use.
  await privateFolder(dirname(target), { ...options, keepMode: true })
  const temporary = `${target}.${Buffer.from(platform.randomBytes(6)).toString("hex")}.tmp`
  const file = await open(temporary, "wx", 0o600)
  const discard = async () => {
    await file.close().catch(() => {})
    await rm(temporary, { force: true }).catch(() => {})
  }
  try {
    // Random bytes cannot be compressed, so the space is really allocated.
    if (reserve !== undefined) await fill(file, platform.randomBytes(reserve))
  } catch (error) {
    await discard()
    throw error
  }
  return {
    discard,
    async commit(content, stillAllowed) {
      try {
        await fill(file, Buffer.from(content))
        if (!(await stillAllowed())) return false
        await file.close()
        if (!(await renameOver(platform, temporary, target, stillAllowed))) return false
        await syncFolder(dirname(target))
        return true
      } finally {
        await discard()
      }
    },
  }
}

/** A rename would replace the device for every program on the machine, `/dev/null` behind a link for example. */
async function refuseDevice(path: string): Promise<void> {
  const present = await stat(path).catch(() => undefined)
  if (present === undefined || present.isFile() || present.isDirectory()) return
  throw fileError("EINVAL", "It is a device, a pipe or a socket, not a file.")
}

/**
 * Removes the temporary files of earlier writers of this file, which were killed or lost the lock while suspended. This
 * also stops a suspended former lock holder from finishing its rename. Call only while holding the lock.
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

/** Replaces the content of the temporary file with `bytes` and flushes it to the disk. */
async function fill(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    // On a nearly full disk, a write may succeed partly before the next one fails.
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, written)
    if (bytesWritten === 0) throw fileError("ENOSPC", "The disk is full.")
    written += bytesWritten
  }
  await file.truncate(bytes.length)
  await file.sync()
}

/**
 * Renames a file. Returns false if that is no longer allowed: a missing source was removed by the current lock holder.
 * On Windows, a reader or a virus scanner can lock the target briefly, so EPERM, EACCES and EBUSY are retried.
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
      if (!["EPERM", "EACCES", "EBUSY"].includes(code) || attempt === MAX_RENAME_ATTEMPTS) throw error
      await platform.sleep(10 * attempt)
      if (!(await stillAllowed())) return false
    }
  }
}

/**
 * Makes the rename survive a power failure. Windows cannot sync folders. A failure is ignored: the content is already
 * replaced, and only a power failure within the next seconds could undo it.
 */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close().catch(() => {})
}
