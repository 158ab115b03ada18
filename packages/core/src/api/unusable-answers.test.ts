import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { describe, expect, it } from "vitest"
import { QwenAuthError } from "../errors.ts"
import { UnusableAnswers } from "./unusable-answers.ts"

/** Notes these answers of one conversation, and tells whether its next request is let through. */
function isLetThrough(answers: UnusableAnswers, conversation: string, ...usable: boolean[]): boolean {
  for (const one of usable) answers.note(conversation, one)
  try {
    answers.endLoop(conversation)
    return true
  } catch {
    return false
  }
}

describe("UnusableAnswers", () => {
  it.each([
    [[], true],
    [[false, false], true],
    [[false, false, false], false],
    [[false, false, true, false, false], true],
    [[true, false, false, false], false],
    [Array.from({ length: 60 }, () => true), true],
  ])("after %j the next request is let through: %s", (usable, through) => {
    expect(isLetThrough(new UnusableAnswers(), "a", ...usable)).toBe(through)
  })

  it("counts each conversation for itself", () => {
    const answers = new UnusableAnswers()
    for (const conversation of ["a", "b", "a", "b"]) answers.note(conversation, false)
    answers.note("c", true)
    expect(isLetThrough(answers, "a", false)).toBe(false)
    expect(isLetThrough(answers, "b")).toBe(true)
  })

  it("lets a person ask once more, and ends the loop after one more unusable answer", () => {
    const answers = new UnusableAnswers()
    expect(isLetThrough(answers, "a", false, false, false)).toBe(false)
    expect(isLetThrough(answers, "a")).toBe(true)
    expect(isLetThrough(answers, "a", false)).toBe(false)
    expect(isLetThrough(answers, "a", true)).toBe(true)
    expect(isLetThrough(answers, "a", false, false)).toBe(true)
  })

  it("says what happened in words for which no host tries again", () => {
    const answers = new UnusableAnswers()
    for (let count = 0; count < 3; count++) answers.note("a", false)
    let error: unknown
    try {
      answers.endLoop("a")
    } catch (thrown) {
      error = thrown
    }
    if (!QwenAuthError.isInstance(error)) throw new Error("expected an error in words")
    expect(error.code).toBe("unexpected_response")
    expect(error.sentence).toContain("this request was not sent. Try again")
    expect(retryWordIn(error.sentence)).toBeUndefined()
  })

  it("remembers the hundred conversations that were last unusable", () => {
    const answers = new UnusableAnswers()
    for (const conversation of ["old", "kept"])
      for (let count = 0; count < 3; count++) answers.note(conversation, false)
    for (let other = 0; other < 98; other++) answers.note(`other ${other}`, false)
    answers.note("kept", false)
    answers.note("one more", false)
    expect(isLetThrough(answers, "kept")).toBe(false)
    expect(isLetThrough(answers, "old")).toBe(true)
  })
})
