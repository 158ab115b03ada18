const SECRET_NAME =
  /token$|(access|refresh|id|auth|bearer)[-_]?tokens$|authorization([-_]?(code|header))?$|cookie|secret|passw(or)?d|passphrase|assertion|(api|access|private)[-_]?key|(device|user)[-_]?code|code[-_]?(verifier|challenge)|^(access|refresh|key|state|verifier|challenge)$/i

/** Names that are ordinary words too: before a colon in a sentence they announce no secret. */
const WORD = /^(access|refresh|key|state|verifier|challenge)$/i

/**
 * Whether `value` is a secret because of its name. Not what carries nothing (absent, empty, a boolean), nor a number under a plural,
 * which is a count.
 */
export function isSecret(name: string, value: unknown): boolean {
  if (!SECRET_NAME.test(name) || value === "" || value === null) return false
  if (typeof value === "number") return !/s$/i.test(name)
  // A `state` that is more than a text is a host's own, not OAuth's.
  if (typeof value === "object") return !/^state$/i.test(name)
  return typeof value === "string" || typeof value === "bigint"
}

/** Whether a name means a secret wherever it stands, in a sentence too. */
export function isUnmistakable(name: string): boolean {
  return SECRET_NAME.test(name) && !WORD.test(name)
}

/** Whether what follows such a name is secret to the end of its line: it has many parts, with spaces between. */
export function fillsLine(name: string): boolean {
  return /authorization|cookie/i.test(name)
}
