import { join } from "node:path"
import { parseStoredCredential, readTextFileSync } from "qwen-auth-core/internal"
import type { CredentialsChoice } from "./credentials-choice.ts"
import type { Settings } from "./settings.ts"

/**
 * Returns the accounts that are already on this computer: our own after a sign-out of the host, and Qwen Code's. The
 * files are read synchronously, because OpenCode does not wait for the list of methods.
 */
export function existingSignIns(settings: Pick<Settings, "tokenFile" | "qwenCodeFolder">): CredentialsChoice[] {
  const files = { own: settings.tokenFile, "qwen-code": join(settings.qwenCodeFolder, "oauth_creds.json") } as const
  return (["own", "qwen-code"] as const).filter((choice) => holdsAccount(files[choice]))
}

function holdsAccount(path: string): boolean {
  try {
    const stored = parseStoredCredential(readTextFileSync(path))
    return typeof stored === "object" && stored.type === "oauth"
  } catch {
    return false
  }
}
