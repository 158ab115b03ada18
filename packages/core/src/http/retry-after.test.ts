import { expect, it } from "vitest"
import { START } from "../testing/fake-world.ts"
import { retryAfterMs, waitInWords } from "./retry-after.ts"

it.each([
  ["absent", undefined, undefined],
  ["empty", "", undefined],
  ["seconds", "30", 30_000],
  ["zero", "0", 0],
  ["spaces around", " 5 ", 5_000],
  ["a date", new Date(START + 90_000).toUTCString(), 90_000],
  ["a date that is over", new Date(START - 90_000).toUTCString(), 0],
  ["junk", "soon", undefined],
])("Retry-After %s (%j): %s ms", (_, value, ms) => {
  expect(retryAfterMs(new Headers(value === undefined ? {} : { "retry-after": value }), START)).toBe(ms)
})

it.each([
  [0, "a second"],
  [1, "a second"],
  [1_000, "a second"],
  [1_001, "2 seconds"],
  [12_000, "12 seconds"],
  [89_000, "89 seconds"],
  [89_001, "2 minutes"],
  [90_000, "2 minutes"],
  [120_000, "2 minutes"],
  [120_001, "3 minutes"],
  [89 * 60_000, "89 minutes"],
  [89 * 60_000 + 1, "2 hours"],
  [3 * 3_600_000, "3 hours"],
  [30 * 24 * 3_600_000, "720 hours"],
])("a wait of %i ms is said as %s", (ms, words) => {
  expect(waitInWords(ms)).toBe(words)
})
