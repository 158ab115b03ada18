import { expect, it } from "vitest"
import { LatestAttempt } from "./latest-attempt.ts"

it("a new attempt cancels only the previous one", () => {
  const attempts = new LatestAttempt()
  const first = attempts.begin()
  expect(first.aborted).toBe(false)
  const second = attempts.begin()
  const third = attempts.begin()
  expect([first, second, third].map(({ aborted }) => aborted)).toEqual([true, true, false])
})

it("cancelling aborts the running attempt and not the next one", () => {
  const attempts = new LatestAttempt()
  const first = attempts.begin()
  attempts.cancel()
  expect(first.aborted).toBe(true)
  expect(attempts.begin().aborted).toBe(false)
})

it("cancelling without an attempt does nothing", () => {
  expect(() => new LatestAttempt().cancel()).not.toThrow()
})
