import { mkdir } from "node:fs/promises"
import { tighten } from "../files/file-mode.ts"

/**
 * Makes a folder (0700, as are those above it that are made), or takes from group and others what they may do in the one that is
 * there. One that is somebody else's keeps its mode.
 * @throws the file system's error when it cannot be made
 */
export async function privateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await tighten(folder, 0o700).catch(() => {})
}
