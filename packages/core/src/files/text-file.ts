import { readFileSync, type Stats, statSync } from "node:fs"
import { readFile, stat } from "node:fs/promises"
import { fileError } from "./file-error.ts"

/** Larger than any file that this library reads. */
const MAX_BYTES = 1024 * 1024

/**
 * Reads a small text file that a user or another program may have written. The encoding is UTF-8 unless a byte order
 * mark indicates another one (editors and shells on Windows write UTF-16). Removes the byte order mark.
 * @throws the error of the file system; `EFBIG` if the file is larger than 1 MiB, `EINVAL` if it is a pipe or a device
 */
export async function readTextFile(path: string): Promise<string> {
  checkStats(await stat(path))
  return decodeText(await readFile(path))
}

/** Synchronous version of {@link readTextFile}. */
export function readTextFileSync(path: string): string {
  checkStats(statSync(path))
  return decodeText(readFileSync(path))
}

function checkStats(stats: Stats): void {
  if (stats.size > MAX_BYTES) throw fileError("EFBIG", "The file is too large.")
  // Reading a folder fails by itself. Reading a pipe may never end.
  if (!stats.isFile() && !stats.isDirectory()) throw fileError("EINVAL", "Not a regular file.")
}

function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes)
  return new TextDecoder().decode(bytes)
}
