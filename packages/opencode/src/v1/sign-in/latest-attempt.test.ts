import { expect, it } from "vitest"
import { LatestAttempt } from "./latest-attempt.ts"

it("a new attempt ends the one before, and no other", () => {
  const attempts = new LatestAttempt()
  const first = attempts.begin()
  expect(first.aborted).toBe(false)
  const second = attempts.begin()
  const third = attempts.begin()
  expect([first, second, third].map(({ aborted }) => aborted)).toEqual([true, true, false])
})

it("cancelling ends the one that runs, and not the next", () => {
  const attempts = new LatestAttempt()
  const first = attempts.begin()
  attempts.cancel()
  expect(first.aborted).toBe(true)
  expect(attempts.begin().aborted).toBe(false)
})

it("cancelling without an attempt is nothing", () => {
  expect(() => new LatestAttempt().cancel()).not.toThrow()
})
