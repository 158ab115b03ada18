import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { always, anyText } from "../../core/src/testing/properties.ts"
import { retryWordIn } from "../../core/src/testing/retry-words.ts"
import { withoutRetryWords } from "./retry-words.ts"

const WORDS = [
  ...["429", "500", "502", "503", "504", "524", "rate limit", "too many requests", "overloaded"],
  ...["fetch failed", "econnreset", "try again later", "Rate Limit", "ECONNRESET", "5000", "429500"],
]
/** Texts in which such words stand beside others. */
const wordy = fc.array(fc.constantFrom(...WORDS, "a", "req-", ": ", "HTTP ")).map((parts) => parts.join(" "))

const asRead = (text: string) => text.replaceAll("\u2060", "")

describe("a text without retry words", () => {
  it.each(WORDS)("%s is not found any more", (word) => {
    expect(retryWordIn(word)).toBeDefined()
    expect(retryWordIn(withoutRetryWords(`It said ${word}.`))).toBeUndefined()
  })

  it("reads the same to a person, and holds none, whatever it was", () => {
    always(
      fc.property(wordy, (text) => {
        const shown = withoutRetryWords(text)
        expect(retryWordIn(shown)).toBeUndefined()
        expect(asRead(shown)).toBe(text)
      }),
    )
  })

  it("is left alone where there is none", () => {
    always(
      fc.property(anyText, (text) => {
        fc.pre(retryWordIn(text) === undefined)
        expect(withoutRetryWords(text)).toBe(text)
      }),
    )
  })

  it.each(["50429", "52429", "req-1504290"])("holds none where two of them share a digit: %s", (text) => {
    expect(retryWordIn(withoutRetryWords(text))).toBeUndefined()
  })
})
