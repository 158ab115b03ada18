const SECRET_NAME =
  /token$|(access|refresh|id|auth|bearer)[-_]?tokens$|authorization([-_]?(code|header))?$|cookie|secret|passw(or)?d|passphrase|assertion|(api|access|private)[-_]?key|(device|user)[-_]?code|code[-_]?(verifier|challenge)|^(access|refresh|key|state|verifier|challenge)$/i

/** Names that are also ordinary words. Before a colon in a sentence, they do not introduce a secret. */
const WORD = /^(access|refresh|key|state|verifier|challenge)$/i

/**
 * Returns whether the name marks `value` as a secret. An empty value, a boolean or a number with a plural name, which
 * is a count, is not a secret.
 */
export function isSecret(name: string, value: unknown): boolean {
  if (!SECRET_NAME.test(name) || value === "" || value === null) return false
  if (typeof value === "number") return !/s$/i.test(name)
  // A `state` that is an object does not belong to OAuth.
  if (typeof value === "object") return !/^state$/i.test(name)
  return typeof value === "string" || typeof value === "bigint"
}

/** Returns whether a name marks a secret even in a sentence. */
export function isUnmistakable(name: string): boolean {
  return SECRET_NAME.test(name) && !WORD.test(name)
}

/** Returns whether the rest of the line is secret: the value of these headers may contain spaces. */
export function fillsLine(name: string): boolean {
  return /authorization|cookie/i.test(name)
}
