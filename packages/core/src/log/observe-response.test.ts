import { settle } from "qwen-auth-testing/gate"
import { describe, expect, it } from "vitest"
import { type BodyWatch, observeResponse } from "./observe-response.ts"

/** A watch that writes down what it is told. */
function noting(): BodyWatch & { readonly told: unknown[] } {
  const told: unknown[] = []
  return {
    told,
    part: (bytes) => told.push(new TextDecoder().decode(bytes)),
    end: (how, error) => told.push(error === undefined ? how : [how, error]),
  }
}

/** A body that the test feeds. */
function fed() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let pulls = 0
  const cancelled: unknown[] = []
  const body = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given
      },
      pull: () => {
        pulls++
      },
      cancel: (reason) => {
        cancelled.push(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return {
    body,
    cancelled,
    pulls: () => pulls,
    send: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    close: () => controller?.close(),
    fail: (error: unknown) => controller?.error(error),
  }
}

function readerOf(response: Response): ReadableStreamDefaultReader<Uint8Array> {
  if (response.body === null) throw new Error("expected a body")
  return response.body.getReader()
}

describe("tappedResponse", () => {
  it("passes each part on when it comes", async () => {
    const source = fed()
    const watch = noting()
    const reader = readerOf(observeResponse(new Response(source.body), watch))
    source.send("one")
    expect((await reader.read()).value).toEqual(new TextEncoder().encode("one"))
    expect(watch.told).toEqual(["one"])
    source.send("two")
    await reader.read()
    source.close()
    expect((await reader.read()).done).toBe(true)
    expect(watch.told).toEqual(["one", "two", "complete"])
  })

  it("reads nothing ahead", async () => {
    const source = fed()
    const reader = readerOf(observeResponse(new Response(source.body), noting()))
    await settle()
    expect(source.pulls()).toBe(0)
    source.send("one")
    source.send("two")
    await reader.read()
    await settle()
    expect(source.pulls()).toBe(0)
  })

  it("cancels the source, also while a part is awaited", async () => {
    for (const awaited of [false, true]) {
      const source = fed()
      const watch = noting()
      const reader = readerOf(observeResponse(new Response(source.body), watch))
      const waiting = awaited ? reader.read() : undefined
      await settle()
      await reader.cancel("enough")
      await waiting
      await settle()
      expect(source.cancelled).toEqual(["enough"])
      expect(watch.told).toEqual(["cancelled"])
    }
  })

  it("fails as the source fails", async () => {
    const source = fed()
    const watch = noting()
    const trouble = new Error("reset")
    const text = observeResponse(new Response(source.body), watch).text()
    source.send("one")
    source.fail(trouble)
    await expect(text).rejects.toBe(trouble)
    expect(watch.told.at(-1)).toEqual(["failed", trouble])
  })

  it("gives a reader that brings its own buffers the same bytes", async () => {
    const source = fed()
    const watch = noting()
    const reader = observeResponse(new Response(source.body), watch).body?.getReader({ mode: "byob" })
    source.send("one and two")
    const first = await reader?.read(new Uint8Array(4))
    const second = await reader?.read(new Uint8Array(16))
    expect([first?.value, second?.value].map((part) => new TextDecoder().decode(part))).toEqual(["one ", "and two"])
    source.close()
    expect(await reader?.read(new Uint8Array(4))).toMatchObject({ done: true })
    expect(watch.told).toEqual(["one and two", "complete"])
  })

  it("tells such a reader that waits of the end, and of a failure", async () => {
    for (const ending of ["close", "fail"] as const) {
      const source = fed()
      const reader = observeResponse(new Response(source.body), noting()).body?.getReader({ mode: "byob" })
      const waiting = reader?.read(new Uint8Array(4))
      await settle()
      if (ending === "close") {
        source.close()
        expect(await waiting).toMatchObject({ done: true })
      } else {
        source.fail(new Error("reset"))
        await expect(waiting).rejects.toThrow("reset")
      }
    }
  })

  it("leaves the source its memory and passes no empty part on", async () => {
    const part = new TextEncoder().encode("one")
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const each of [part, new Uint8Array(0), part]) controller.enqueue(each)
        controller.close()
      },
    })
    const watch = noting()
    expect(await observeResponse(new Response(body), watch).text()).toBe("oneone")
    expect(watch.told).toEqual(["one", "one", "complete"])
    expect(part).toEqual(new TextEncoder().encode("one"))
  })

  it("leaves everything else as it was", async () => {
    const headers = new Headers({ "content-type": "text/event-stream", "retry-after": "5" })
    headers.append("set-cookie", "a=b")
    headers.append("set-cookie", "c=d")
    const response = new Response("body", { status: 429, statusText: "Slow down", headers })
    Object.defineProperty(response, "url", { value: "https://a.test/v1" })
    Object.defineProperty(response, "redirected", { value: true })
    const copy = observeResponse(response, noting())
    expect(copy).toBeInstanceOf(Response)
    expect(copy).not.toBe(response)
    expect(copy).toMatchObject({ status: 429, statusText: "Slow down", ok: false, url: "https://a.test/v1" })
    expect(copy).toMatchObject({ redirected: true, bodyUsed: false, type: response.type })
    expect([...copy.headers]).toEqual([...headers])
    expect(await copy.text()).toBe("body")
  })

  it.each([204, 304, 200])("leaves an answer %i without a body itself", (status) => {
    const watch = noting()
    const response = new Response(null, { status })
    expect(observeResponse(response, watch)).toBe(response)
    expect(watch.told).toEqual(["complete"])
  })

  it("leaves an answer alone that cannot be made anew", async () => {
    const watch = noting()
    const response = new Response("body")
    Object.defineProperty(response, "status", { value: 0 })
    const same = observeResponse(response, watch)
    expect(same).toBe(response)
    expect(await same.text()).toBe("body")
    expect(watch.told).toEqual(["complete"])
  })
})
