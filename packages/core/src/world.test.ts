import { hostname } from "node:os"
import { describe, expect, it, vi } from "vitest"
import { silentLogger } from "./log/logger.ts"
import { systemWorld } from "./world.ts"

describe("the real world", () => {
  it("ends a wait as soon as the signal aborts", async () => {
    const controller = new AbortController()
    const wait = systemWorld().sleep(600_000, controller.signal)
    controller.abort()
    await expect(wait).rejects.toMatchObject({ name: "AbortError" })
  })

  it("does not begin a wait that was given up before", async () => {
    await expect(systemWorld().sleep(600_000, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" })
  })

  it("repeats a task until it is told to stop, and keeps no process alive for it", async () => {
    vi.useFakeTimers()
    try {
      let runs = 0
      const stop = systemWorld().every(1_000, async () => void runs++)
      await vi.advanceTimersByTimeAsync(3_500)
      stop()
      await vi.advanceTimersByTimeAsync(10_000)
      expect(runs).toBe(3)
    } finally {
      vi.useRealTimers()
    }
  })

  it("knows this process and this machine, and who of it is alive", async () => {
    const world = systemWorld()
    expect(world.pid).toBe(process.pid)
    expect(world.host).toBe(hostname())
    expect(world.isAlive(process.pid)).toBe(true)
    expect(world.isAlive(2 ** 30)).toBe(false)
  })

  it("takes a process that may not be asked for alive", () => {
    const kill = vi.spyOn(process, "kill").mockImplementation(() => {
      throw Object.assign(new Error("not permitted"), { code: "EPERM" })
    })
    expect(systemWorld().isAlive(1)).toBe(true)
    kill.mockRestore()
  })

  it("throws other dice each time", () => {
    const world = systemWorld()
    expect(world.randomBytes(32)).toHaveLength(32)
    expect(world.randomBytes(32)).not.toEqual(world.randomBytes(32))
  })

  it("is silent unless told otherwise, and takes the parts it is given", () => {
    expect(systemWorld().log).toBe(silentLogger)
    expect(systemWorld({ now: () => 7 }).now()).toBe(7)
  })
})
