import { chmodSync, mkdirSync, statSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { fileErrorCode } from "./file-error.ts"
import { tighten } from "./file-mode.ts"

/** How a private folder is made. */
export interface PrivateFolderOptions {
  /** Other programs use the folder too, so the mode that it has stays; `false` by default. */
  readonly keepMode?: boolean
  /** Whether missing folders above it are made too; `true` by default. */
  readonly parents?: boolean
}

/**
 * Makes a folder (0700, as are those above it that are made), or takes from group and others what they may do in the one that is
 * there. A folder of another owner keeps its mode.
 * @throws the file system's error when it cannot be made
 */
export async function privateFolder(folder: string, options: PrivateFolderOptions = {}): Promise<void> {
  const { keepMode = false, parents = true } = options
  await mkdir(folder, { recursive: parents, mode: 0o700 }).catch((error: unknown) => {
    if (parents || fileErrorCode(error) !== "EEXIST") throw error
  })
  if (!keepMode) await tighten(folder, 0o700).catch(() => {})
}

/** {@link privateFolder} for a caller that cannot wait. */
export function privateFolderSync(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700)
  } catch {
    // It belongs to another owner.
  }
}
