import { describe, expect, it } from "vitest"
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
