import { describe, expect, it } from "vitest"
import { abortedError, QwenAuthError } from "./errors.ts"

describe("QwenAuthError", () => {
  it("says what happened and what to do as one text", () => {
    const error = new QwenAuthError("device_code_expired", "Device code expired.", { remedy: "Start again." })
    expect(error.sentence).toBe("Device code expired. Start again.")
    expect(new QwenAuthError("aborted", "Cancelled.").sentence).toBe("Cancelled.")
  })

  it("has a cause only when one is given", () => {
    expect(Object.hasOwn(new QwenAuthError("aborted", "Cancelled."), "cause")).toBe(false)
    expect(new QwenAuthError("aborted", "Cancelled.", { cause: "why" }).cause).toBe("why")
  })

  it("is recognised when it comes from another copy of this library", () => {
    const foreign = Object.defineProperty(new Error("no"), Symbol.for("qwen-auth-core.error"), { value: true })
    expect(QwenAuthError.isInstance(foreign)).toBe(true)
  })

  it.each([new Error("no"), "no", null, undefined, { name: "QwenAuthError", code: "aborted" }])(
    "does not take %j for one",
    (value) => {
      expect(QwenAuthError.isInstance(value)).toBe(false)
    },
  )
})

describe("abortedError", () => {
  it("keeps the caller's reason", () => {
    expect(abortedError(AbortSignal.abort("enough"))).toMatchObject({ code: "aborted", cause: "enough" })
    expect(abortedError()).toMatchObject({ code: "aborted", message: "Cancelled." })
  })
})
