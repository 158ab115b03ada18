import { QwenAuthError } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import { authorized } from "../testing/authorized.ts"
import { beginSignIn } from "./begin-sign-in.ts"

const ENTRY = { type: "success", key: "sk-12345678" } as const
const EXPIRED = new QwenAuthError("device_code_expired", "Device code expired.", { remedy: "Start again." })

function setUp({ beginError, finishError }: { beginError?: unknown; finishError?: unknown } = {}) {
  const shown: string[] = []
  let finished = 0
  const signIn = beginSignIn(
    (message) => shown.push(message),
    async () => {
      if (beginError !== undefined) throw beginError
      return {
        instructions: "Approve.",
        async finish() {
          finished++
          if (finishError !== undefined) throw finishError
          return ENTRY
        },
      }
    },
  )
  return { shown, signIn: authorized(signIn), finished: () => finished }
}

describe("a sign-in", () => {
  it("shows its instructions and returns what OpenCode stores", async () => {
    const { shown, signIn } = setUp()
    const { url, instructions, callback } = await signIn
    expect([url, instructions, await callback()]).toEqual(["", "Approve.", ENTRY])
    expect(shown).toEqual([])
  })

  it("finishes once, even if OpenCode calls back twice", async () => {
    const { signIn, finished } = setUp()
    const { callback } = await signIn
    expect([await callback(), await callback()]).toEqual([ENTRY, ENTRY])
    expect(finished()).toBe(1)
  })
})

describe.each([
  ["a sign-in that cannot begin", (error: unknown) => setUp({ beginError: error })],
  ["a sign-in that cannot finish", (error: unknown) => setUp({ finishError: error })],
])("%s", (_, failWith) => {
  const outcomeOf = async (signIn: ReturnType<typeof setUp>["signIn"]) => (await signIn).callback()

  it("throws an error with the message for the user and shows it", async () => {
    const { signIn, shown } = failWith(EXPIRED)
    await expect(outcomeOf(signIn)).rejects.toMatchObject({
      message: "Device code expired. Start again.",
      cause: EXPIRED,
    })
    expect(shown).toEqual(["Device code expired. Start again."])
  })

  it("shows nothing when the user cancelled", async () => {
    const { signIn, shown } = failWith(new QwenAuthError("aborted", "Cancelled."))
    await expect(outcomeOf(signIn)).rejects.toThrow("Cancelled.")
    expect(shown).toEqual([])
  })

  it("does not change other errors", async () => {
    const error = new Error("a bug")
    const { signIn, shown } = failWith(error)
    await expect(outcomeOf(signIn)).rejects.toBe(error)
    expect(shown).toEqual([])
  })
})
