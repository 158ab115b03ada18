import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { bodyOf } from "qwen-auth-testing/streams"
import { describe, expect, it } from "vitest"
import type { BodySource } from "../log/observe-response.ts"
import { readBodyStart } from "./body-start.ts"

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)

/** All that a source gives. */
async function allOf(source: BodySource): Promise<string> {
  const { value } = await source.read()
  return value === undefined ? "" : text(value) + (await allOf(source))
}

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
  it("returns the first part and a source that starts with it", async () => {
    const start = await readBodyStart(fakePlatform(), bodyOf("one ", "two ", "three"), 1_000)
    expect([text(start.first), start.empty]).toEqual(["one ", false])
    expect(await allOf(start.source)).toBe("one two three")
  })

  it("recognises an empty body", async () => {
    const start = await readBodyStart(fakePlatform(), bodyOf(), 1_000)
    expect([start.first, start.empty]).toEqual([undefined, true])
    expect(await allOf(start.source)).toBe("")
  })

  it("stops waiting after the timeout; a later part is the first of the source", async () => {
    const platform = fakePlatform()
    const { body, send } = fedBody()
    const start = await readBodyStart(platform, body, 1_000)
    expect([start.first, start.empty, platform.waits]).toEqual([undefined, false, [1_000]])
    send("late")
    expect(text((await start.source.read()).value)).toBe("late")
  })

  it("leaves no timer behind", async () => {
    const platform = fakePlatform({ autoAdvance: false })
    await readBodyStart(platform, bodyOf("one"), 1_000)
    expect(platform.openWaits()).toBe(0)
  })

  it("reads nothing ahead but the first part", async () => {
    let pulls = 0
    const body = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(new Uint8Array([++pulls])) },
      { highWaterMark: 0 },
    )
    const { source } = await readBodyStart(fakePlatform(), body, 1_000)
    expect(pulls).toBe(1)
    await source.read()
    expect(pulls).toBe(1)
    await source.read()
    expect(pulls).toBe(2)
  })

  it("passes a cancellation on", async () => {
    const { body, cancelled, send } = fedBody()
    send("one")
    await (await readBodyStart(fakePlatform(), body, 1_000)).source.cancel("enough")
    expect(cancelled).toEqual(["enough"])
  })

  it("throws what the body throws before its first part", async () => {
    const { body, fail } = fedBody()
    fail(new Error("reset"))
    await expect(readBodyStart(fakePlatform(), body, 1_000)).rejects.toThrow("reset")
  })

  it("leaves an error after the timeout to the reader of the body", async () => {
    const { body, fail } = fedBody()
    const start = await readBodyStart(fakePlatform(), body, 1_000)
    fail(new Error("reset"))
    await expect(start.source.read()).rejects.toThrow("reset")
  })
})
