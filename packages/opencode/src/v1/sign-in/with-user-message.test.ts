import { QwenAuthError } from "qwen-auth-core"
import { expect, it } from "vitest"
import { withUserMessage } from "./with-user-message.ts"

function setUp(error?: unknown) {
  const shown: string[] = []
  const work = error === undefined ? Promise.resolve("it") : Promise.reject(error)
  return { shown, outcome: withUserMessage(work, (message) => shown.push(message)) }
}

it("returns the result of the work", async () => {
  const { outcome, shown } = setUp()
  expect(await outcome).toBe("it")
  expect(shown).toEqual([])
})

it("throws an error with the message for the user and shows it", async () => {
  const error = new QwenAuthError("device_code_expired", "Device code expired.", { remedy: "Start again." })
  const { outcome, shown } = setUp(error)
  await expect(outcome).rejects.toMatchObject({ message: "Device code expired. Start again.", cause: error })
  expect(shown).toEqual(["Device code expired. Start again."])
})

it("shows nothing when the user cancelled", async () => {
  const { outcome, shown } = setUp(new QwenAuthError("aborted", "Cancelled."))
  await expect(outcome).rejects.toThrow("Cancelled.")
  expect(shown).toEqual([])
})

it("does not change other errors", async () => {
  const error = new Error("a bug")
  const { outcome, shown } = setUp(error)
  await expect(outcome).rejects.toBe(error)
  expect(shown).toEqual([])
})
