import { START } from "qwen-auth-testing/fake-platform"
import { afterEach, expect, it, vi } from "vitest"
import { formatDuration, retryAfterMs } from "./retry-after.ts"

afterEach(() => {
  vi.unstubAllEnvs()
})

it.each([
  ["absent", undefined, undefined],
  ["empty", "", undefined],
  ["seconds", "30", 30_000],
  ["fractions of a second", "0.5", 500],
  ["zero", "0", undefined],
  ["a negative number", "-5", undefined],
  ["spaces around", " 5 ", 5_000],
  ["a date", new Date(START + 90_000).toUTCString(), 90_000],
  ["a date of RFC 850", "Monday, 02-Nov-26 10:01:30 GMT", 90_000],
  ["a date of ISO 8601", "2026-11-02T10:01:30Z", 90_000],
  ["a date that has passed", new Date(START - 90_000).toUTCString(), undefined],
  ["a date that is too far away", "Fri, 02 Nov 2096 10:00:00 GMT", 31 * 24 * 3_600_000],
  ["a number that is too large", "9".repeat(400), 31 * 24 * 3_600_000],
  ["two values", "5, 10", undefined],
  ["junk", "soon", undefined],
  ["junk that Date.parse reads as a date", "until 2096", undefined],
])("retryAfterMs for %s (%j) is %s", (_, value, ms) => {
  expect(retryAfterMs(new Headers(value === undefined ? {} : { "retry-after": value }), START)).toBe(ms)
})

it.each([
  ["ahead of the local clock", 60 * 60_000],
  ["behind the local clock", -60 * 60_000],
])("a date is compared with the response's Date header, whose clock is %s", (_, offsetMs) => {
  const at = (ms: number) => new Date(START + offsetMs + ms).toUTCString()
  expect(retryAfterMs(new Headers({ "retry-after": at(90_000), date: at(0) }), START)).toBe(90_000)
  expect(retryAfterMs(new Headers({ "retry-after": at(-90_000), date: at(0) }), START)).toBeUndefined()
})

it("a date is compared with the local clock if the response's Date header is invalid", () => {
  const headers = new Headers({ "retry-after": new Date(START + 90_000).toUTCString(), date: "today" })
  expect(retryAfterMs(headers, START)).toBe(90_000)
})

it("an asctime date is read as UTC in any time zone", () => {
  vi.stubEnv("TZ", "Asia/Shanghai")
  expect(retryAfterMs(new Headers({ "retry-after": "Mon Nov  2 10:01:30 2026" }), START)).toBe(90_000)
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
])("formatDuration formats %i ms as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})
