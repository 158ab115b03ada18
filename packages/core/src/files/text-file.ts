import { readFileSync, type Stats, statSync } from "node:fs"
import { readFile, stat } from "node:fs/promises"
import { fileError } from "./file-error.ts"

/** More than any file that we read holds. */
const LARGEST_BYTES = 1024 * 1024

/**
 * The text of a small file that a person or another program may have written: UTF-8, or what its byte order mark says (editors and
 * shells on Windows write UTF-16). The mark is no part of the text.
 * @throws the file system's error; `EFBIG` when the file is larger than 1 MiB, `EINVAL` when it is a pipe or a device
 */
export async function readTextFile(path: string): Promise<string> {
  check(await stat(path))
  return decodeText(await readFile(path))
}

/** {@link readTextFile} for a caller that cannot wait. */
export function readTextFileSync(path: string): string {
  check(statSync(path))
  return decodeText(readFileSync(path))
}

function check(found: Stats): void {
  if (found.size > LARGEST_BYTES) throw fileError("EFBIG", "The file is too large.")
  // Reading a folder is the system's own error. Reading a pipe may never end.
  if (!found.isFile() && !found.isDirectory()) throw fileError("EINVAL", "Not a regular file.")
}

function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes)
  return new TextDecoder().decode(bytes)
}
