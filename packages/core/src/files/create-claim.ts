import { open } from "node:fs/promises"

/**
 * Creates a file by which this process claims a lock. On a full disk the file stays empty: its name alone is the claim.
 * @returns the content of the file
 * @throws the error of the file system; `EEXIST` when another process was faster
 */
export async function createClaim(path: string, text: string): Promise<string> {
  const file = await open(path, "wx", 0o600)
  try {
    await file.writeFile(text)
    return text
  } catch {
    await file.truncate(0).catch(() => {})
    return ""
  } finally {
    await file.close().catch(() => {})
  }
}
