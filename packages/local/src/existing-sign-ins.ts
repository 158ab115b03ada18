import { join } from "node:path"
import { parseJsonObject, readTextFileSync } from "qwen-auth-core/internal"
import type { CredentialsChoice } from "./credentials-choice.ts"
import { type ExistingKey, existingKeys, type KeyFiles } from "./existing-keys.ts"
import type { Paths } from "./paths.ts"

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
export function existingSignIns(paths: KeyFiles & Pick<Paths, "qwenCodeFolder">): ExistingSignIn[] {
  const files = { own: paths.tokenFile, "qwen-code": join(paths.qwenCodeFolder, "oauth_creds.json") } as const
  return [...ACCOUNTS.filter(({ id }) => holdsAccount(files[id])), ...existingKeys(paths)]
}

/** Returns whether a file looks like an account. It is validated when it is chosen: the list is shown at a host's start. */
function holdsAccount(path: string): boolean {
  try {
    const {
      version = 1,
      type,
      access_token,
      refresh_token,
      expires,
      expiry_date = expires,
    } = parseJsonObject(readTextFileSync(path)) ?? {}
    const tokens = [access_token, refresh_token]
    const complete = tokens.every((token) => typeof token === "string" && token !== "") && expiry_date !== undefined
    return complete && version === 1 && type !== "api_key"
  } catch {
    return false
  }
}
