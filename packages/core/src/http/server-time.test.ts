import { START } from "qwen-auth-testing/fake-platform"
import { HOUR, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { clockSkewMs } from "./server-time.ts"

const skew = (date: string | undefined) => clockSkewMs(new Headers(date === undefined ? {} : { date }), START)
const dated = (offsetMs: number) => new Date(START + offsetMs).toUTCString()

describe("clockSkewMs", () => {
  it.each([
    ["absent", undefined],
    ["empty", ""],
    ["junk", "soon"],
    ["a date that does not exist", "Mon, 32 Nov 2026 10:00:00 GMT"],
  ])("is undefined if Date is %s", (_, date) => {
    expect(skew(date)).toBeUndefined()
  })

  it.each([0, 1_000, -1_000, MINUTE, -MINUTE])("is 0 if the clocks differ by %i ms", (ms) => {
    expect(skew(dated(ms))).toBe(0)
  })

  it.each([MINUTE + 1_000, -MINUTE - 1_000, 12 * HOUR, -12 * HOUR, 400 * 24 * HOUR])(
    "is the difference of %i ms",
    (ms) => {
      expect(skew(dated(ms))).toBe(ms)
    },
  )
})
