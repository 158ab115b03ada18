import { mkdir, readFile, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { Credential } from "qwen-auth-core"
import { formatStoredCredential } from "qwen-auth-core/internal"

/** Returns the path of the stored sign-in in a home folder. */
export const tokenFileIn = (home: string) => join(home, ".opencode", "qwen", "oauth_token.json")

/** Writes a file as a user or a program would have left it. */
export async function leaveFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, text, { mode: 0o600 })
}

/** Stores a sign-in in a home folder. */
export const leaveSignIn = (home: string, credential: Credential) =>
  leaveFile(tokenFileIn(home), formatStoredCredential(credential))

/** Returns what is stored in a home folder, with the mode of the file. */
export async function storedIn(home: string): Promise<{ mode: string; [field: string]: unknown }> {
  const path = tokenFileIn(home)
  return { ...JSON.parse(await readFile(path, "utf8")), mode: ((await stat(path)).mode & 0o777).toString(8) }
}
