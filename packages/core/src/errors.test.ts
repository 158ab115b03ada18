import { describe, expect, it } from "vitest"
import { abortedError, QwenAuthError } from "./errors.ts"

describe("QwenAuthError", () => {
  it("joins the message and the remedy into one sentence", () => {
    const error = new QwenAuthError("device_code_expired", "Device code expired.", { remedy: "Start again." })
    expect(error.sentence).toBe("Device code expired. Start again.")
    expect(new QwenAuthError("aborted", "Cancelled.").sentence).toBe("Cancelled.")
  })

  it("has a cause only if one is given", () => {
    expect(Object.hasOwn(new QwenAuthError("aborted", "Cancelled."), "cause")).toBe(false)
    expect(new QwenAuthError("aborted", "Cancelled.", { cause: "why" }).cause).toBe("why")
  })

  it("is recognised if it comes from another copy of this library", () => {
    const foreign = Object.defineProperty(new Error("no"), Symbol.for("qwen-auth-core.error"), { value: true })
    expect(QwenAuthError.isInstance(foreign)).toBe(true)
  })

  it.each([new Error("no"), "no", null, undefined, { name: "QwenAuthError", code: "aborted" }])(
    "does not recognise %j as an error of this library",
    (value) => {
      expect(QwenAuthError.isInstance(value)).toBe(false)
    },
  )
})

describe("abortedError", () => {
  it("has the caller's abort reason as its cause", () => {
    expect(abortedError(AbortSignal.abort("enough"))).toMatchObject({ code: "aborted", cause: "enough" })
    expect(abortedError()).toMatchObject({ code: "aborted", message: "Cancelled." })
  })
})
