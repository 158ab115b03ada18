import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { describe, expect, it } from "vitest"
import { defuseRetryTriggers } from "./retry-triggers.ts"

const WORDS = [
  ...["429", "500", "502", "503", "504", "524", "rate limit", "too many requests", "overloaded"],
  ...["fetch failed", "econnreset", "try again later", "Rate Limit", "ECONNRESET", "5000", "429500"],
  ...["rate increased too quickly", "rate-limit", "rate_limit", "internal server error", "service unavailable"],
  ...["service_unavailable", "internal error", "server-error", "provider returned error", "terminated"],
  ...[
    "failed to fetch",
    "network error",
    "network_error",
    "upstream connect",
    "connection error",
    "connection refused",
  ],
  ...["connection lost", "socket connection was closed", "socket hang up", "reset before headers", "getaddrinfo"],
  ...["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "request timeout", "connection timed out"],
  ...["stream time out", "try your request again", "retry your request", "resource exhausted", "RESOURCE_EXHAUSTED"],
  ...["try again in", "currently at capacity", "temporarily at capacity"],
]
/** Texts with triggers and other words. */
const wordy = fc.array(fc.constantFrom(...WORDS, "a", "req-", ": ", "HTTP ")).map((parts) => parts.join(" "))

const visible = (text: string) => text.replaceAll("\u2060", "")

describe("a defused text", () => {
  it.each(WORDS)("%s is not found", (word) => {
    expect(retryWordIn(word)).toBeDefined()
    expect(retryWordIn(defuseRetryTriggers(`It said ${word}.`))).toBeUndefined()
  })

  it("looks the same to the user and has no trigger, whatever it was", () => {
    always(
      fc.property(wordy, (text) => {
        const shown = defuseRetryTriggers(text)
        expect(retryWordIn(shown)).toBeUndefined()
        expect(visible(shown)).toBe(text)
      }),
    )
  })

  it("is unchanged without a trigger", () => {
    always(
      fc.property(anyText, (text) => {
        fc.pre(retryWordIn(text) === undefined)
        expect(defuseRetryTriggers(text)).toBe(text)
      }),
    )
  })

  it.each(["50429", "52429", "req-1504290"])("has no trigger where two of them share a digit: %s", (text) => {
    expect(retryWordIn(defuseRetryTriggers(text))).toBeUndefined()
  })
})
