import type { Credential, OAuthCredential } from "qwen-auth-core"

/** The credential of a Qwen account. @throws Error for an API key */
export function account(credential: Credential | undefined): OAuthCredential {
  if (credential?.type !== "oauth") throw new Error(`expected an account, not ${credential?.type ?? "nothing"}`)
  return credential
}
