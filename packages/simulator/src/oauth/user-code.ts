import { randomInt } from "node:crypto"

/** Vowels and look-alikes (0 O, 1 I L, U V) are missing, so a code cannot be misread or form a word (RFC 8628 §6.1). */
const LETTERS = "BCDFGHJKMNPQRSTVWXZ23456789"
const LENGTH = 8

/** Creates a user code of the form `ABCD-EFGH`. */
export function newUserCode(): string {
  return written(Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join(""))
}

/** Normalizes a code that a user typed (RFC 8628 §6.1: case and punctuation do not matter). */
export function normalUserCode(typed: string): string {
  return written(typed.toUpperCase().replace(/[^A-Z0-9]/g, ""))
}

function written(letters: string): string {
  return letters.length > 4 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters
}
