import { describe, expect, it } from "vitest"
import { fakeWorld } from "../testing/fake-world.ts"
import { bodyOf } from "../testing/streams.ts"
import { readBodyStart } from "./body-start.ts"

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)

/** A body that the test feeds. */
function fedBody() {
  const cancelled: unknown[] = []
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given
    },
    cancel: (reason) => void cancelled.push(reason),
  })
  return {
    body,
    cancelled,
    send: (part: string) => controller?.enqueue(new TextEncoder().encode(part)),
    fail: (error: Error) => controller?.error(error),
  }
}

describe("readBodyStart", () => {
  it("gives the first part, and a body that begins with it", async () => {
    const start = await readBodyStart(fakeWorld(), bodyOf("one ", "two ", "three"), 1_000)
    expect([text(start.first), start.empty]).toEqual(["one ", false])
    expect(await new Response(start.body).text()).toBe("one two three")
  })

  it("tells an empty body", async () => {
    const start = await readBodyStart(fakeWorld(), bodyOf(), 1_000)
    expect([start.first, start.empty]).toEqual([undefined, true])
    expect(await new Response(start.body).text()).toBe("")
  })

  it("waits only so long; a later part is the first of the body", async () => {
    const world = fakeWorld()
    const { body, send } = fedBody()
    const start = await readBodyStart(world, body, 1_000)
    expect([start.first, start.empty, world.waits]).toEqual([undefined, false, [1_000]])
    const reader = start.body.getReader()
    send("late")
    expect(text((await reader.read()).value)).toBe("late")
  })

  it("leaves no timer behind", async () => {
    const world = fakeWorld({ autoAdvance: false })
    await readBodyStart(world, bodyOf("one"), 1_000)
    expect(world.openWaits()).toBe(0)
  })

  it("reads nothing ahead but the first part", async () => {
    let pulls = 0
    const body = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(new Uint8Array([++pulls])) },
      { highWaterMark: 0 },
    )
    const reader = (await readBodyStart(fakeWorld(), body, 1_000)).body.getReader()
    expect(pulls).toBe(1)
    await reader.read()
    expect(pulls).toBe(1)
    await reader.read()
    expect(pulls).toBe(2)
  })

  it("passes a cancellation on", async () => {
    const { body, cancelled, send } = fedBody()
    send("one")
    await (await readBodyStart(fakeWorld(), body, 1_000)).body.cancel("enough")
    expect(cancelled).toEqual(["enough"])
  })

  it("throws what the body throws before its first part", async () => {
    const { body, fail } = fedBody()
    fail(new Error("reset"))
    await expect(readBodyStart(fakeWorld(), body, 1_000)).rejects.toThrow("reset")
  })

  it("leaves a failure after the wait to the one who reads the body", async () => {
    const { body, fail } = fedBody()
    const start = await readBodyStart(fakeWorld(), body, 1_000)
    fail(new Error("reset"))
    await expect(start.body.getReader().read()).rejects.toThrow("reset")
  })
})
