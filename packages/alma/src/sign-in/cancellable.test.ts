import { nodePlatform } from "qwen-auth-core"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { afterEach, describe, expect, it, vi } from "vitest"
import { fakeAlma } from "../testing/fake-alma.ts"
import { cancellable, type Progress } from "./cancellable.ts"

function setUp(outer = new AbortController()) {
  const platform = fakePlatform({ autoAdvance: false })
  const alma = fakeAlma()
  const run = <T>(task: (progress: Progress) => Promise<T>) =>
    cancellable(platform, alma.ui, "The title", outer.signal, task)
  return { platform, alma, outer, run }
}

/** A task that ends when its signal aborts. */
const untilAborted = ({ signal }: Progress) =>
  new Promise<string>((resolve) => signal.addEventListener("abort", () => resolve("aborted"), { once: true }))

afterEach(() => {
  vi.useRealTimers()
})

describe("a cancellable task", () => {
  it("returns its result and leaves no timer", async () => {
    const { run, alma, platform } = setUp()
    expect(await run(async () => 5)).toBe(5)
    expect(alma.progress).toMatchObject([{ title: "The title", cancellable: true, messages: [], open: false }])
    expect(platform.beating()).toBe(0)
  })

  it("fails with its own error and leaves no timer", async () => {
    const { run, alma, platform } = setUp()
    const error: unknown = await run(() => Promise.reject(new Error("it failed"))).catch((thrown: unknown) => thrown)
    expect(error).toEqual(new Error("it failed"))
    expect([alma.progress[0]?.open, platform.beating()]).toEqual([false, 0])
  })

  it("is aborted at the next poll after the user cancelled", async () => {
    const { run, alma, platform } = setUp()
    const running = run(untilAborted)
    await platform.beat()
    alma.cancel()
    expect(alma.progress[0]?.open).toBe(true)
    await platform.beat()
    expect(await running).toBe("aborted")
    expect(platform.beating()).toBe(0)
  })

  it("polls for cancellation every 250 ms", async () => {
    vi.useFakeTimers()
    const alma = fakeAlma()
    const running = cancellable(nodePlatform(), alma.ui, "", new AbortController().signal, untilAborted)
    alma.cancel()
    let over = false
    void running.then(() => {
      over = true
    })
    await vi.advanceTimersByTimeAsync(249)
    expect(over).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(over).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it("is aborted at once by the outer signal, even by one that was already aborted", async () => {
    const { run, outer, platform } = setUp()
    const running = run(untilAborted)
    outer.abort()
    expect(await running).toBe("aborted")
    expect(await run(async ({ signal }) => signal.aborted)).toBe(true)
    expect(platform.beating()).toBe(0)
  })

  it("shows its message at once and again after each change", async () => {
    const { run, alma, platform } = setUp()
    const end = gate()
    let message = "one"
    const running = run(async ({ show }) => {
      show(() => message)
      await end.promise
    })
    await settle()
    expect(alma.progress[0]?.messages).toEqual(["one"])
    await platform.beat()
    expect(alma.progress[0]?.messages).toEqual(["one"])
    message = "two"
    await platform.beat()
    expect(alma.progress[0]?.messages).toEqual(["one", "two"])
    end.open()
    await running
  })

  it("goes on when Alma cannot show a message", async () => {
    const { run, alma } = setUp()
    const { withProgress } = alma.ui
    alma.ui.withProgress = (options, task) =>
      withProgress(options, (_, token) =>
        task(
          {
            report() {
              throw new Error("the window is gone")
            },
          },
          token,
        ),
      )
    const unhandled: unknown[] = []
    const record = (reason: unknown) => unhandled.push(reason)
    process.on("unhandledRejection", record)
    try {
      const result = await run(async ({ show }) => {
        show(() => "one")
        await settle()
        return "done"
      })
      expect(result).toBe("done")
      await settle()
      expect(unhandled).toEqual([])
    } finally {
      process.off("unhandledRejection", record)
    }
  })
})
