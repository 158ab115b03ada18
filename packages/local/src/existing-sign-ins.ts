import { join } from "node:path"
import { parseStoredCredential, readTextFileSync } from "qwen-auth-core/internal"
import type { CredentialsChoice } from "./credentials-choice.ts"
import { type ExistingKey, existingKeys, type KeyFiles } from "./existing-keys.ts"
import type { Settings } from "./settings.ts"

/** A Qwen account on this computer. It is used in place. */
export interface ExistingAccount {
  readonly kind: "account"
  readonly id: CredentialsChoice
  readonly label: string
}

/** A sign-in on this computer that can be offered. The label says where it was found and contains no secret. */
export type ExistingSignIn = ExistingAccount | ExistingKey

const ACCOUNTS: readonly ExistingAccount[] = [
  { kind: "account", id: "own", label: "Qwen Account already on this computer" },
  { kind: "account", id: "qwen-code", label: "Qwen Code's sign-in (shared)" },
]

/**
 * Returns the sign-ins that are already on this computer: our own account after a sign-out of the host, Qwen Code's, and
 * the API keys of other programs. The files are read synchronously, because OpenCode does not wait for the list of
 * methods.
 */
export function existingSignIns(settings: KeyFiles & Pick<Settings, "qwenCodeFolder">): ExistingSignIn[] {
  const files = { own: settings.tokenFile, "qwen-code": join(settings.qwenCodeFolder, "oauth_creds.json") } as const
  return [...ACCOUNTS.filter(({ id }) => holdsAccount(files[id])), ...existingKeys(settings)]
}

function holdsAccount(path: string): boolean {
  try {
    const stored = parseStoredCredential(readTextFileSync(path))
    return typeof stored === "object" && stored.type === "oauth"
  } catch {
    return false
  }
}
