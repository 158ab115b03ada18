import { createHash } from "node:crypto"
import { join } from "node:path"
import type { Paths, SettingSources } from "./paths.ts"

/** Returns the absolute path of a folder for the lock, used if the sign-in's own folder is not writable. */
export function fallbackLockFolder(
  { tokenFile }: Pick<Paths, "tokenFile">,
  { temporary }: Pick<SettingSources, "temporary">,
): string {
  const name = createHash("sha256").update(tokenFile).digest("hex").slice(0, 16)
  return join(temporary, `qwen-auth-${name}.lock`)
}
