import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { userMessage } from "../messages.ts"
import type { HostRecord } from "./host-record.ts"
import { signInChangedError } from "./sign-in-changed.ts"

describe("a request that the current sign-in cannot serve", () => {
  it("asks for a sign-in when the user signed out", () => {
    const error = signInChangedError({ kind: "none" })
    expect(error.code).toBe("authentication_required")
    expect(userMessage(error)).toBe("Authentication required. Please run: opencode auth login")
  })

  it.each<HostRecord>([
    { kind: "account", credential: credential() },
    { kind: "key", key: { apiKey: "sk-sp-12345678" } },
    { kind: "other" },
  ])("asks for a restart when the kind has changed: $kind", (record) => {
    const error = signInChangedError(record)
    expect(error.code).toBe("sign_in_changed")
    expect(userMessage(error)).toMatch(/changed to another method .* Restart OpenCode to use it\.$/)
    expect(userMessage(error)).not.toMatch(/sk-sp|access-1|refresh-1/)
  })
})
