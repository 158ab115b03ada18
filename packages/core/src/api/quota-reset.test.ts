import { describe, expect, it } from "vitest"
import { formatTimeOfReset, quotaResetTime } from "./quota-reset.ts"

const text = (date: string) => `Your token-plan 1-month quota has been exhausted. The quota will reset at ${date} UTC.`

describe("quotaResetTime, for a date without a year", () => {
  it.each([
    ["later in this year", "10-15 16:00:00", "2026-09-20T00:00:00Z", "2026-10-15T16:00:00Z"],
    ["in the next year", "01-03 16:00:00", "2026-12-30T00:00:00Z", "2027-01-03T16:00:00Z"],
    ["in nearly a year", "10-15 16:00:00", "2026-11-02T10:00:00Z", "2027-10-15T16:00:00Z"],
    ["a moment ago", "10-15 16:00:00", "2026-10-15T16:00:05Z", "2026-10-15T16:00:00Z"],
    ["a moment ago, in the last year", "12-31 23:59:59", "2027-01-01T00:00:05Z", "2026-12-31T23:59:00Z"],
    ["given without seconds", "10-15 16:00", "2026-10-01T00:00:00Z", "2026-10-15T16:00:00Z"],
    ["on a leap day", "02-29 16:00:00", "2028-02-20T00:00:00Z", "2028-02-29T16:00:00Z"],
  ])("returns a time %s", (_, date, now, reset) => {
    expect(quotaResetTime(text(date), Date.parse(now))).toBe(Date.parse(reset))
  })

  it.each(["", "Your quota has been exhausted.", "The quota will reset at 10-15 16:00:00 CST.", "reset at noon UTC"])(
    "returns undefined for %j",
    (message) => {
      expect(quotaResetTime(message, 0)).toBeUndefined()
    },
  )
})

describe("formatTimeOfReset", () => {
  const at = Date.parse("2026-10-15T16:00:00Z")
  it.each([
    ["UTC", "Thu 15 Oct, 16:00"],
    ["Europe/Berlin", "Thu 15 Oct, 18:00"],
    ["Asia/Shanghai", "Fri 16 Oct, 00:00"],
    ["Asia/Kolkata", "Thu 15 Oct, 21:30"],
    ["America/Los_Angeles", "Thu 15 Oct, 09:00"],
  ])("uses the time zone of the user: %s", (zone, text) => {
    expect(formatTimeOfReset(at, zone)).toBe(text)
  })

  it("uses the system's time zone by default, and three letters for each month", () => {
    const months = Array.from({ length: 12 }, (_, month) => formatTimeOfReset(Date.UTC(2026, month, 15, 12), undefined))
    for (const month of months) expect(month).toMatch(/^[A-Z][a-z]{2} 1[456] [A-Z][a-z]{2}, \d\d:\d\d$/)
  })
})
