import { chmodSync, mkdirSync, statSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { fileErrorCode } from "./file-error.ts"
import { tighten } from "./file-mode.ts"

/** Options for creating a private folder. */
export interface PrivateFolderOptions {
  /** Keeps the mode of an existing folder, because other programs use it too. False by default. */
  readonly keepMode?: boolean
  /** Whether to create missing parent folders too. True by default. */
  readonly parents?: boolean
}

/**
 * Creates a folder and its missing parents with mode 0700, or removes the permissions of group and others from an
 * existing folder. A folder of another owner keeps its mode.
 * @throws the error of the file system if the folder cannot be created
 */
export async function privateFolder(folder: string, options: PrivateFolderOptions = {}): Promise<void> {
  const { keepMode = false, parents = true } = options
  await mkdir(folder, { recursive: parents, mode: 0o700 }).catch((error: unknown) => {
    if (parents || fileErrorCode(error) !== "EEXIST") throw error
  })
  if (!keepMode) await tighten(folder, 0o700).catch(() => {})
}

/** Synchronous version of {@link privateFolder}. */
export function privateFolderSync(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700)
  } catch {
    // The folder belongs to another owner.
  }
}
