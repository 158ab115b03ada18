import { describe, expect, it } from "vitest"
import { memoized } from "./memoized.ts"

function counted(outcome: () => Promise<string>) {
  const calls = { times: 0 }
  const get = memoized(() => {
    calls.times++
    return outcome()
  })
  return { get, calls }
}

describe("memoized", () => {
  it("does nothing before the first call", () => {
    expect(counted(async () => "it").calls.times).toBe(0)
  })

  it("calls the function once for overlapping and later calls", async () => {
    const { get, calls } = counted(async () => "it")
    expect(await Promise.all([get(), get()])).toEqual(["it", "it"])
    expect(await get()).toBe("it")
    expect(calls.times).toBe(1)
  })

  it("returns a failure to every caller too", async () => {
    const { get, calls } = counted(() => Promise.reject(new Error("broken")))
    await expect(get()).rejects.toThrow("broken")
    await expect(get()).rejects.toThrow("broken")
    expect(calls.times).toBe(1)
  })
})
