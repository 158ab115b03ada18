import { settle } from "qwen-auth-testing/gate"
import { expect, it } from "vitest"
import { fakeHost } from "../testing/fake-host.ts"
import { failureToast } from "./failure-toast.ts"

it("shows the message as an error", async () => {
  const { client, calls } = fakeHost()
  failureToast(client)("Device code expired.")
  await settle()
  expect(calls).toMatchObject([
    { name: "tui.showToast", options: { body: { message: "Device code expired.", variant: "error" } } },
  ])
})

it.each([
  ["refuses", fakeHost(() => Promise.reject(new Error("no interface"))).client],
  ["has no such method", Object.assign(fakeHost().client, { tui: undefined })],
])("ignores a failure when OpenCode %s", async (_, client) => {
  expect(() => failureToast(client)("x")).not.toThrow()
  await settle()
})
