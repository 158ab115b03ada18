import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { describe, expect, it } from "vitest"
import { abortableWait, pause, withDeadline } from "./deadline.ts"

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }))

describe("withDeadline", () => {
  it("returns the task's result and leaves no timer behind", async () => {
    const platform = fakePlatform({ autoAdvance: false })
    expect(await withDeadline(platform, 30_000, "It", undefined, async () => "done")).toBe("done")
    expect(platform.openWaits()).toBe(0)
  })

  it("throws the task's error unchanged", async () => {
    const failure = new Error("no")
    const work = withDeadline(fakePlatform(), 30_000, "It", undefined, () => Promise.reject(failure))
    await expect(work).rejects.toBe(failure)
  })

  it("aborts the task on timeout and names the service", async () => {
    const error = await failureOf(withDeadline(fakePlatform(), 30_000, "chat.qwen.ai", undefined, untilAborted))
    expect(error.code).toBe("service_unreachable")
    expect(error.message).toBe("chat.qwen.ai did not answer within 30 seconds.")
    expect(error.remedy).toBe("Check the network connection and proxy, then try again.")
  })

  it("reports the timeout even if the task wraps the abort in its own error", async () => {
    const task = (signal: AbortSignal) => untilAborted(signal).catch(() => Promise.reject(new Error("wrapped")))
    expect((await failureOf(withDeadline(fakePlatform(), 1_000, "It", undefined, task))).code).toBe(
      "service_unreachable",
    )
  })

  it("aborts the task when the caller aborts, and leaves no timer behind", async () => {
    const platform = fakePlatform({ autoAdvance: false })
    const controller = new AbortController()
    const outcome = failureOf(withDeadline(platform, 30_000, "It", controller.signal, untilAborted))
    controller.abort("enough")
    const error = await outcome
    expect([error.code, error.cause]).toEqual(["aborted", "enough"])
    expect(platform.openWaits()).toBe(0)
  })

  it("does not start the task if the caller aborted before", async () => {
    let started = false
    const task = async () => {
      started = true
    }
    const error = await failureOf(withDeadline(fakePlatform(), 30_000, "It", AbortSignal.abort(), task))
    expect(error.code).toBe("aborted")
    expect(started).toBe(false)
  })
})

describe("pause", () => {
  it("waits", async () => {
    const platform = fakePlatform()
    await pause(platform, 5_000, undefined)
    expect(platform.waits).toEqual([5_000])
  })

  it("throws aborted as soon as the signal aborts", async () => {
    const controller = new AbortController()
    const outcome = failureOf(pause(fakePlatform({ autoAdvance: false }), 5_000, controller.signal))
    controller.abort("enough")
    expect(await outcome).toMatchObject({ code: "aborted", cause: "enough" })
  })
})

describe("abortableWait", () => {
  it("returns the work's result or throws its error", async () => {
    const { signal } = new AbortController()
    expect(await abortableWait(Promise.resolve("done"), signal)).toBe("done")
    await expect(abortableWait(Promise.reject(new Error("no")), signal)).rejects.toThrow("no")
    expect(await abortableWait(Promise.resolve("done"), undefined)).toBe("done")
  })

  it("ends only for the caller that aborts", async () => {
    const work = gate<string>()
    const controller = new AbortController()
    const impatient = failureOf(abortableWait(work.promise, controller.signal))
    const patient = abortableWait(work.promise, new AbortController().signal)
    controller.abort()
    expect((await impatient).code).toBe("aborted")
    work.open("done")
    expect(await patient).toBe("done")
  })

  it("causes no unhandled rejection if nobody waits any more", async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on("unhandledRejection", note)
    try {
      const error = await failureOf(abortableWait(Promise.reject(new Error("late")), AbortSignal.abort()))
      expect(error.code).toBe("aborted")
      await settle()
      expect(unhandled).toEqual([])
    } finally {
      process.off("unhandledRejection", note)
    }
  })
})
