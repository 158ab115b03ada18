import type { Credential } from "qwen-auth-core"
import { formatStoredCredential, parseStoredCredential } from "qwen-auth-core/internal"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import * as v from "valibot"

/** What Alma's secret storage holds: a credential, or which program's sign-in is used in place. */
export type StoredSignIn = { readonly credential: Credential } | { readonly inPlace: CredentialsChoice }

const InPlace = v.pipe(v.string(), v.parseJson(), v.object({ in_place: v.picklist(["own", "qwen-code"]) }))

/** @returns as {@link parseStoredCredential} */
export function parseStoredSignIn(text: string): StoredSignIn | "newer" | undefined {
  const inPlace = v.safeParse(InPlace, text)
  if (inPlace.success) return { inPlace: inPlace.output.in_place }
  const credential = parseStoredCredential(text)
  return credential === undefined || credential === "newer" ? credential : { credential }
}

export function formatStoredSignIn(signIn: StoredSignIn): string {
  if ("credential" in signIn) return formatStoredCredential(signIn.credential)
  return JSON.stringify({ in_place: signIn.inPlace })
}
