import { expect, it } from "vitest"
import { START } from "../testing/fake-world.ts"
import { retryAfterMs } from "./retry-after.ts"

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
