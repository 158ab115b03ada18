import { hostname } from "node:os"
import { describe, expect, it, vi } from "vitest"
import { silentLogger } from "./log/logger.ts"
import { nodePlatform } from "./platform.ts"

describe("nodePlatform", () => {
  it("ends a wait as soon as the signal aborts", async () => {
    const controller = new AbortController()
    const wait = nodePlatform().sleep(600_000, controller.signal)
    controller.abort()
    await expect(wait).rejects.toMatchObject({ name: "AbortError" })
  })

  it("does not start a wait whose signal is already aborted", async () => {
    await expect(nodePlatform().sleep(600_000, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" })
  })

  it("repeats a task until it is stopped", async () => {
    vi.useFakeTimers()
    try {
      let runs = 0
      const stop = nodePlatform().setInterval(1_000, async () => void runs++)
      await vi.advanceTimersByTimeAsync(3_500)
      stop()
      await vi.advanceTimersByTimeAsync(10_000)
      expect(runs).toBe(3)
    } finally {
      vi.useRealTimers()
    }
  })

  it("knows this process, this machine and which processes exist", async () => {
    const platform = nodePlatform()
    expect(platform.pid).toBe(process.pid)
    expect(platform.host).toBe(hostname())
    expect(platform.isAlive(process.pid)).toBe(true)
    expect(platform.isAlive(2 ** 30)).toBe(false)
  })

  it("treats a process that it may not signal as alive", () => {
    const kill = vi.spyOn(process, "kill").mockImplementation(() => {
      throw Object.assign(new Error("not permitted"), { code: "EPERM" })
    })
    expect(nodePlatform().isAlive(1)).toBe(true)
    kill.mockRestore()
  })

  it("returns different random bytes each time", () => {
    const platform = nodePlatform()
    expect(platform.randomBytes(32)).toHaveLength(32)
    expect(platform.randomBytes(32)).not.toEqual(platform.randomBytes(32))
  })

  it("does not log by default and uses the members it is given", () => {
    expect(nodePlatform().log).toBe(silentLogger)
    expect(nodePlatform({ now: () => 7 }).now()).toBe(7)
  })
})
