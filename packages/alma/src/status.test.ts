import { QwenAuthError } from "qwen-auth-core"
import { START } from "qwen-auth-testing/fake-platform"
import { credential, HOUR, keyCredential, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { formatTime } from "./messages.ts"
import { formatStatus } from "./status.ts"
import type { SignInState } from "./storage/sign-in.ts"

const at = (ms: number) => formatTime(START + ms, START)
const NOW = START
const LOGIN = "Run: Login to Qwen (Alibaba)"
const refused = new QwenAuthError("api_key_rejected", "The key is wrong.", { remedy: "Check it." })
const limited = new QwenAuthError("rate_limited", "Too many.", { remedy: "Wait a minute." })
const ended = new QwenAuthError("free_tier_ended", "The free tier ended.")
const unreadable = new QwenAuthError("credential_unusable", "The stored sign-in is not complete.")

const STATES: readonly (readonly [string, SignInState, readonly string[]])[] = [
  ["no sign-in", {}, [`You are not signed in to Qwen. ${LOGIN}`]],
  ["an unusable sign-in", { problem: unreadable }, [`The stored sign-in is not complete. ${LOGIN}`]],
  [
    "an account",
    { credential: credential() },
    ["Signed in with a Qwen account.", `The token is valid until ${at(6 * HOUR)} and is refreshed automatically.`],
  ],
  [
    "an account whose token was refreshed",
    { credential: credential(), refreshedAt: START - HOUR },
    [
      "Signed in with a Qwen account.",
      `The token is valid until ${at(6 * HOUR)} and is refreshed automatically.`,
      `The token was last refreshed at ${at(-HOUR)}.`,
    ],
  ],
  [
    "a refused account",
    { credential: credential(), problem: ended, lastError: { error: ended, at: START } },
    [
      "Signed in with a Qwen account.",
      `The free tier ended. ${LOGIN}, and choose Model Studio API key (keys: https://home.qwencloud.com/api-keys)`,
    ],
  ],
  ["a key", { credential: keyCredential() }, ["Signed in with an API key for Coding Plan (international)."]],
  [
    "a refused key, and another error later",
    { credential: keyCredential(), problem: refused, lastError: { error: limited, at: START - 2 * MINUTE } },
    [
      "Signed in with an API key for Coding Plan (international).",
      `The key is wrong. Check it. ${LOGIN}`,
      `Last error (${at(-2 * MINUTE)}): Too many. Wait a minute.`,
    ],
  ],
  [
    "a key whose rate limit was met 59 s ago",
    { credential: keyCredential(), lastError: { error: limited, at: START - 59_999 } },
    [
      "Signed in with an API key for Coding Plan (international).",
      `Last error (${at(-59_999)}): Too many. Wait a minute.`,
      "The rate limit was reached in the last minute.",
    ],
  ],
  [
    "a key whose rate limit was met a minute ago",
    { credential: keyCredential(), lastError: { error: limited, at: START - MINUTE } },
    [
      "Signed in with an API key for Coding Plan (international).",
      `Last error (${at(-MINUTE)}): Too many. Wait a minute.`,
    ],
  ],
]

describe("the status text", () => {
  it.each(STATES)("describes %s", (_, state, lines) => {
    expect(formatStatus(state, NOW).split("\n")).toEqual(lines)
  })

  it.each(STATES)("contains no secret for %s", (_, state) => {
    expect(formatStatus(state, NOW)).not.toMatch(/access-1|refresh-1|sk-/)
  })
})
