import { hostname } from "node:os"
import { describe, expect, it, vi } from "vitest"
import { silentLogger } from "./log/logger.ts"
import { nodePlatform } from "./platform.ts"

describe("the real world", () => {
  it("ends a wait as soon as the signal aborts", async () => {
    const controller = new AbortController()
    const wait = nodePlatform().sleep(600_000, controller.signal)
    controller.abort()
    await expect(wait).rejects.toMatchObject({ name: "AbortError" })
  })

  it("does not begin a wait that was given up before", async () => {
    await expect(nodePlatform().sleep(600_000, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" })
  })

  it("repeats a task until it is told to stop, and keeps no process alive for it", async () => {
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

  it("knows this process and this machine, and who of it is alive", async () => {
    const platform = nodePlatform()
    expect(platform.pid).toBe(process.pid)
    expect(platform.host).toBe(hostname())
    expect(platform.isAlive(process.pid)).toBe(true)
    expect(platform.isAlive(2 ** 30)).toBe(false)
  })

  it("takes a process that may not be asked for alive", () => {
    const kill = vi.spyOn(process, "kill").mockImplementation(() => {
      throw Object.assign(new Error("not permitted"), { code: "EPERM" })
    })
    expect(nodePlatform().isAlive(1)).toBe(true)
    kill.mockRestore()
  })

  it("throws other dice each time", () => {
    const platform = nodePlatform()
    expect(platform.randomBytes(32)).toHaveLength(32)
    expect(platform.randomBytes(32)).not.toEqual(platform.randomBytes(32))
  })

  it("is silent unless told otherwise, and takes the parts it is given", () => {
    expect(nodePlatform().log).toBe(silentLogger)
    expect(nodePlatform({ now: () => 7 }).now()).toBe(7)
  })
})
