import { thrownBy } from "qwen-auth-testing/failure-of"
import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { describe, expect, it } from "vitest"
import { UnusableAnswers } from "./unusable-answers.ts"

/** Records responses of a conversation. Returns true if its next request is allowed. */
function isAllowed(answers: UnusableAnswers, conversation: string, ...usable: boolean[]): boolean {
  for (const result of usable) answers.note(conversation, result)
  try {
    answers.throwDuringLoop(conversation)
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
  ])("after %j, the next request is allowed: %s", (usable, allowed) => {
    expect(isAllowed(new UnusableAnswers(), "a", ...usable)).toBe(allowed)
  })

  it("counts each conversation separately", () => {
    const answers = new UnusableAnswers()
    for (const conversation of ["a", "b", "a", "b"]) answers.note(conversation, false)
    answers.note("c", true)
    expect(isAllowed(answers, "a", false)).toBe(false)
    expect(isAllowed(answers, "b")).toBe(true)
  })

  it("allows one more request, and stops the loop again after one more unusable response", () => {
    const answers = new UnusableAnswers()
    expect(isAllowed(answers, "a", false, false, false)).toBe(false)
    expect(isAllowed(answers, "a")).toBe(true)
    expect(isAllowed(answers, "a", false)).toBe(false)
    expect(isAllowed(answers, "a", true)).toBe(true)
    expect(isAllowed(answers, "a", false, false)).toBe(true)
  })

  it("throws an error with a message that no host retries", async () => {
    const answers = new UnusableAnswers()
    for (let count = 0; count < 3; count++) answers.note("a", false)
    const error = await thrownBy(() => answers.throwDuringLoop("a"))
    expect(error.code).toBe("unexpected_response")
    expect(error.sentence).toContain("this request was not sent. Try again")
    expect(retryWordIn(error.sentence)).toBeUndefined()
  })

  it("remembers the last hundred conversations with unusable responses", () => {
    const answers = new UnusableAnswers()
    for (const conversation of ["old", "kept"])
      for (let count = 0; count < 3; count++) answers.note(conversation, false)
    for (let other = 0; other < 98; other++) answers.note(`other ${other}`, false)
    answers.note("kept", false)
    answers.note("one more", false)
    expect(isAllowed(answers, "kept")).toBe(false)
    expect(isAllowed(answers, "old")).toBe(true)
  })
})
