import { QwenAuthError } from "qwen-auth-core"
import { expect, it } from "vitest"
import { told } from "./told.ts"

it("gives what the work gives", async () => {
  expect(await told(Promise.resolve("it"))).toBe("it")
})

it("throws the whole of what the person reads, because OpenCode prints the message alone", async () => {
  const error = new QwenAuthError("device_code_expired", "Device code expired.", { remedy: "Start again." })
  await expect(told(Promise.reject(error))).rejects.toMatchObject({
    message: "Device code expired. Start again.",
    cause: error,
  })
})

it("passes on what is not ours", async () => {
  const error = new TypeError("a defect")
  await expect(told(Promise.reject(error))).rejects.toBe(error)
})
