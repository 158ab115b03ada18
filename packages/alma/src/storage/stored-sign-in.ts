import type { Credential } from "qwen-auth-core"
import { formatStoredCredential, parseJsonObject, parseStoredCredential } from "qwen-auth-core/internal"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"

/** What Alma's secret storage holds: a credential, or which program's sign-in is used in place. */
export type StoredSignIn = { readonly credential: Credential } | { readonly inPlace: CredentialsChoice }

/** @returns as {@link parseStoredCredential} */
export function parseStoredSignIn(text: string): StoredSignIn | "newer" | undefined {
  const inPlace = parseJsonObject(text)?.["in_place"]
  if (inPlace === "own" || inPlace === "qwen-code") return { inPlace }
  const credential = parseStoredCredential(text)
  return credential === undefined || credential === "newer" ? credential : { credential }
}

export function formatStoredSignIn(signIn: StoredSignIn): string {
  if ("credential" in signIn) return formatStoredCredential(signIn.credential)
  return JSON.stringify({ in_place: signIn.inPlace })
}
