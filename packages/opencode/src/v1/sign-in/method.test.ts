import { expect, it } from "vitest"
import { once } from "./method.ts"

it("OpenCode may ask twice for the end of a sign-in: it ends once, and both get the result", async () => {
  let ends = 0
  const callback = once(async () => ({ type: "success", key: `sk-${++ends}` }))
  const [one, two] = await Promise.all([callback(), callback()])
  expect(one).toEqual({ type: "success", key: "sk-1" })
  expect(two).toBe(one)
  expect(await callback()).toBe(one)
})

it("both get the failure too", async () => {
  let ends = 0
  const callback = once(() => Promise.reject(new Error(`no ${++ends}`)))
  await expect(callback()).rejects.toThrow("no 1")
  await expect(callback()).rejects.toThrow("no 1")
})

it("nothing ends before OpenCode asks", () => {
  let ends = 0
  once(async () => ({ type: "success", key: `sk-${++ends}` }))
  expect(ends).toBe(0)
})
