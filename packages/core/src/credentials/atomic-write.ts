import { type FileHandle, mkdir, open, readdir, realpath, rename, rm } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { fileErrorCode } from "../files/file-error.ts"
import { tighten } from "../files/file-mode.ts"
import type { World } from "../world.ts"

const RENAME_TRIES = 10
/** More than a credential takes, so that replacing it needs no further room on the disk. */
const RESERVED_BYTES = 8 * 1024

/** A file's next content on its way: room is reserved, nothing is visible yet. */
export interface PreparedWrite {
  /**
   * Makes `text` the file's content, so that a reader sees the old or the new text, never a part, also after a crash.
   * @param stillAllowed asked at the last moment; with `false` nothing is replaced
   * @returns whether the content was replaced
   * @throws the file system's error; the old content is then untouched
   */
  commit(text: string, stillAllowed: () => Promise<boolean>): Promise<boolean>
  /** Removes what was prepared; after `commit` there is nothing to remove. */
  discard(): Promise<void>
}

/**
 * Prepares to replace a file: a temporary file (0600) beside it, filled and synced. The folder is made or tightened to 0700. A
 * symbolic link stays and its target is replaced.
 * @param options `keepFolderMode`: the folder is other programs' too, so a mode that it has stays
 * @throws the file system's error; no temporary file is left
 */
export async function prepareWrite(
  world: Pick<World, "randomBytes" | "sleep">,
  path: string,
  options: { keepFolderMode?: boolean } = {},
): Promise<PreparedWrite> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (options.keepFolderMode !== true) await tighten(folder, 0o700)
  const target = await targetOf(path)
  const temporary = `${target}.${Buffer.from(world.randomBytes(6)).toString("hex")}.tmp`
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
  await orDiscard(() => fill(file, " ".repeat(RESERVED_BYTES)))
  return {
    discard,
    commit: (text, stillAllowed) =>
      orDiscard(async () => {
        await fill(file, text)
        if (!(await stillAllowed())) {
          await discard()
          return false
        }
        await file.close()
        if (!(await renameOver(world, temporary, target, stillAllowed))) {
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
  const target = await targetOf(path)
  const prefix = `${basename(target)}.`
  const names = await readdir(dirname(target)).catch(() => [])
  const abandoned = names.filter(
    (name) => name.startsWith(prefix) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length)),
  )
  await Promise.all(abandoned.map((name) => rm(join(dirname(target), name), { force: true }).catch(() => {})))
}

/** Where a symbolic link leads. */
function targetOf(path: string): Promise<string> {
  return realpath(path).catch(() => path)
}

async function fill(file: FileHandle, text: string): Promise<void> {
  const bytes = Buffer.from(text)
  await file.write(bytes, 0, bytes.length, 0)
  await file.truncate(bytes.length)
  await file.sync()
}

/**
 * Renames; false when that is not allowed any more: a source that is gone was removed by who has the turn now. On Windows a
 * reader or a virus scanner can hold the target for a moment: EPERM, EACCES or EBUSY pass by themselves.
 */
async function renameOver(
  world: Pick<World, "sleep">,
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
      await world.sleep(10 * attempt)
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
