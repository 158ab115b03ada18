import { nodePlatform } from "qwen-auth-core"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { afterEach, describe, expect, it, vi } from "vitest"
import { type TestAlmaOptions, testAlma } from "../testing/test-alma.ts"
import { type Progress, withProgress } from "./progress.ts"

function setUp(options: TestAlmaOptions = {}, outer = new AbortController()) {
  const platform = fakePlatform({ autoAdvance: false })
  const alma = testAlma(options)
  const run = <T>(task: (progress: Progress) => Promise<T>) =>
    withProgress(platform, alma.ui, "The title", outer.signal, task)
  return { platform, alma, outer, run }
}

/** A task that ends when its signal aborts. */
const untilAborted = ({ signal }: Progress) =>
  new Promise<string>((resolve) => signal.addEventListener("abort", () => resolve("aborted"), { once: true }))

afterEach(() => {
  vi.useRealTimers()
})

describe("a task with a progress", () => {
  it("returns its result and leaves no timer and no dialog", async () => {
    const { run, alma, platform } = setUp()
    expect(await run(async () => 5)).toBe(5)
    await settle()
    expect(alma.progress()).toMatchObject([{ title: "The title", cancellable: true, messages: [], state: "done" }])
    expect(platform.beating()).toBe(0)
  })

  it("fails with its own error and leaves no timer and no dialog", async () => {
    const { run, alma, platform } = setUp()
    const error: unknown = await run(() => Promise.reject(new Error("it failed"))).catch((thrown: unknown) => thrown)
    await settle()
    expect(error).toEqual(new Error("it failed"))
    expect([alma.progress()[0]?.state, platform.beating()]).toEqual(["done", 0])
  })

  it.each(["absent", "throws", "never starts", "shows nothing", "cannot be cancelled"] as const)(
    "runs as well when the progress %s",
    async (progress) => {
      const { run, platform } = setUp({ behaviour: { progress } })
      const result = await run(async ({ show, signal }) => {
        show(() => "one")
        await settle()
        return signal.aborted
      })
      expect([result, platform.beating()]).toEqual([false, 0])
    },
  )

  it("is aborted at the next poll after the user cancelled", async () => {
    const { run, alma, platform } = setUp()
    const running = run(untilAborted)
    await platform.beat()
    alma.cancel()
    expect(alma.progress()[0]?.state).toBe("open")
    await platform.beat()
    expect(await running).toBe("aborted")
    expect(platform.beating()).toBe(0)
  })

  it("polls for cancellation every 250 ms", async () => {
    vi.useFakeTimers()
    const alma = testAlma()
    const running = withProgress(nodePlatform(), alma.ui, "Title", new AbortController().signal, untilAborted)
    await vi.advanceTimersByTimeAsync(0)
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

  it("can cancel itself, as the user does", async () => {
    const { run } = setUp({ behaviour: { progress: "absent" } })
    const result = run((progress) => {
      const aborted = untilAborted(progress)
      progress.cancel()
      return aborted
    })
    expect(await result).toBe("aborted")
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
    expect(alma.progress()[0]?.messages).toEqual(["one"])
    await platform.beat()
    expect(alma.progress()[0]?.messages).toEqual(["one"])
    message = "two"
    await platform.beat()
    expect(alma.progress()[0]?.messages).toEqual(["one", "two"])
    end.open()
    await running
  })

  it("goes on when Alma cannot show a message", async () => {
    const { run } = setUp({
      ui: {
        withProgress: (_, task) =>
          task(
            {
              report() {
                throw new Error("the window is gone")
              },
            },
            { isCancellationRequested: false },
          ),
      },
    })
    const result = await run(async ({ show }) => {
      show(() => "one")
      await settle()
      return "done"
    })
    expect(result).toBe("done")
  })
})
