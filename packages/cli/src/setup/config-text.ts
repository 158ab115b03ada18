import { accessSync, constants } from "node:fs"
import { chmod, readFile, stat } from "node:fs/promises"
import type { Platform } from "qwen-auth-core"
import { fileErrorCode, replaceFile } from "qwen-auth-core/internal"

/** A text file as it is on the disk. */
export interface TextFile {
  /** Its text without a byte order mark; empty if there is no file. */
  readonly text: string
  readonly bom: boolean
  /** Its mode; undefined if there is no file. */
  readonly mode: number | undefined
}

const BOM = "\ufeff"

/**
 * Reads a UTF-8 file.
 * @throws the error of the file system, other than that there is no file; `ENOTSUP` if the path is a folder, a device or
 *   a pipe, which would not end or would be replaced; TypeError if it is not UTF-8
 */
export async function readText(path: string): Promise<TextFile> {
  const stats = await stat(path).catch((error: unknown) => {
    if (fileErrorCode(error) === "ENOENT") return undefined
    throw error
  })
  if (stats === undefined) return { text: "", bom: false, mode: undefined }
  if (!stats.isFile()) throw Object.assign(new Error("This is not a file."), { code: "ENOTSUP" })
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readFile(path))
  const bom = text.startsWith(BOM)
  return { text: bom ? text.slice(1) : text, bom, mode: stats.mode & 0o777 }
}

/** Says why {@link readText} or {@link writeText} failed; undefined for an error that is not about the file. */
export function fileProblem(error: unknown): string | undefined {
  if (error instanceof TypeError) return "it is not UTF-8 text"
  if (!(error instanceof Error && "code" in error)) return undefined
  return error.code === "ENOTSUP" || error.code === "EISDIR" ? "it is not a file" : String(error.code)
}

/**
 * Replaces a text file atomically and keeps its mode and its byte order mark. A symbolic link stays.
 * @throws the error of the file system
 */
export async function writeText(platform: Platform, path: string, { text, bom, mode }: TextFile): Promise<void> {
  await replaceFile(platform, path, `${bom ? BOM : ""}${text}`, { keepMode: true })
  // A configuration has no secrets of ours, so a new one is readable like any other.
  await chmod(path, mode ?? 0o644)
}

/** Returns whether a file must not be changed. Root may change every file, so the mode counts too. */
export function isReadOnly(path: string, { mode }: TextFile): boolean {
  if (mode === undefined) return false
  if ((mode & 0o222) === 0) return true
  try {
    accessSync(path, constants.W_OK)
    return false
  } catch {
    return true
  }
}
