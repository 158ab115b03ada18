import { chmod, mkdir, open, realpath, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
import type { World } from "../world.ts"
import { fileErrorCode } from "./file-error.ts"

const RENAME_TRIES = 10

/**
 * Replaces a file's content so that a reader sees the old or the new text, never a part, also after a crash: a temporary
 * file (0600) beside it, fsync, rename. The folder is made or tightened to 0700. A symbolic link stays and its target is
 * replaced.
 * @throws the file system's error; the old content is then untouched and no temporary file is left
 */
export async function writeFileAtomically(
  world: Pick<World, "randomBytes" | "sleep">,
  path: string,
  text: string,
): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  const target = await realpath(path).catch(() => path)
  const temporary = `${target}.${Buffer.from(world.randomBytes(6)).toString("hex")}.tmp`
  try {
    const file = await open(temporary, "wx", 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await renameOver(world, temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** On Windows a reader or a virus scanner can hold the target for a moment: EPERM, EACCES or EBUSY pass by themselves. */
async function renameOver(world: Pick<World, "sleep">, from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(from, to)
    } catch (error) {
      const passing = ["EPERM", "EACCES", "EBUSY"].includes(fileErrorCode(error))
      if (!passing || attempt === RENAME_TRIES) throw error
      await world.sleep(10 * attempt)
    }
  }
}
