import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { bodyOf } from "qwen-auth-testing/streams"
import { describe, expect, it } from "vitest"
import type { BodySource } from "../log/observe-response.ts"
import { readBodyStart } from "./body-start.ts"

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)

/** Reads the complete source. */
async function readAll(source: BodySource): Promise<string> {
  const { value } = await source.read()
  return value === undefined ? "" : text(value) + (await readAll(source))
}

/** A body whose parts the test sends. */
function controlledBody() {
  const cancelled: unknown[] = []
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start: (created) => {
      controller = created
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
    expect(await readAll(start.source)).toBe("one two three")
  })

  it("recognises an empty body", async () => {
    const start = await readBodyStart(fakePlatform(), bodyOf(), 1_000)
    expect([start.first, start.empty]).toEqual([undefined, true])
    expect(await readAll(start.source)).toBe("")
  })

  it("stops waiting after the timeout and returns a later part from the source", async () => {
    const platform = fakePlatform()
    const { body, send } = controlledBody()
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

  it("reads only the first part ahead", async () => {
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

  it("forwards a cancellation", async () => {
    const { body, cancelled, send } = controlledBody()
    send("one")
    await (await readBodyStart(fakePlatform(), body, 1_000)).source.cancel("enough")
    expect(cancelled).toEqual(["enough"])
  })

  it("throws the error of the body before its first part", async () => {
    const { body, fail } = controlledBody()
    fail(new Error("reset"))
    await expect(readBodyStart(fakePlatform(), body, 1_000)).rejects.toThrow("reset")
  })

  it("passes an error after the timeout to the reader of the source", async () => {
    const { body, fail } = controlledBody()
    const start = await readBodyStart(fakePlatform(), body, 1_000)
    fail(new Error("reset"))
    await expect(start.source.read()).rejects.toThrow("reset")
  })
})
