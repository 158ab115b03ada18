import { randomInt } from "node:crypto"

/** No vowels and no look-alikes (0 O, 1 I L, U V): nothing to misread and no words by accident (RFC 8628 §6.1). */
const LETTERS = "BCDFGHJKMNPQRSTVWXZ23456789"
const LENGTH = 8

/** A fresh user code of the form `ABCD-EFGH`. */
export function newUserCode(): string {
  return written(Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join(""))
}

/** A code as a person may have typed it, brought to its written form (RFC 8628 §6.1: case and punctuation do not count). */
export function normalUserCode(typed: string): string {
  return written(typed.toUpperCase().replace(/[^A-Z0-9]/g, ""))
}

function written(letters: string): string {
  return letters.length > 4 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters
}
