import { gate, settle } from "qwen-auth-testing/gate"
import { describe, expect, it } from "vitest"
import { changeQueue } from "./change-queue.ts"

/** A queue whose changes end when the test says so. */
function setUp() {
  const begun: number[] = []
  const ends = [gate(), gate(), gate()]
  const enqueue = changeQueue<number>(async (change) => {
    begun.push(change)
    await ends[begun.length - 1]?.promise
  })
  return { begun, ends, enqueue }
}

describe("a queue of changes", () => {
  it("starts a change when the previous one has ended", async () => {
    const { begun, ends, enqueue } = setUp()
    const first = enqueue(1)
    await settle()
    const second = enqueue(2)
    await settle()
    expect(begun).toEqual([1])
    ends[0]?.open()
    await first
    await settle()
    expect(begun).toEqual([1, 2])
    ends[1]?.open()
    await second
  })

  it("runs only the latest of the waiting changes, for all of them", async () => {
    const { begun, ends, enqueue } = setUp()
    const first = enqueue(1)
    await settle()
    const waiting = [enqueue(2), enqueue(3), enqueue(4)]
    ends[0]?.open()
    ends[1]?.open()
    await Promise.all([first, ...waiting])
    expect(begun).toEqual([1, 4])
  })

  it("continues after a change that throws or rejects", async () => {
    const done: number[] = []
    const enqueue = changeQueue<number>((change) => {
      if (change === 1) throw new Error("at once")
      if (change === 2) return Promise.reject(new Error("later"))
      done.push(change)
      return Promise.resolve()
    })
    await expect(enqueue(1)).rejects.toThrow("at once")
    await expect(enqueue(2)).rejects.toThrow("later")
    await enqueue(3)
    expect(done).toEqual([3])
  })
})
