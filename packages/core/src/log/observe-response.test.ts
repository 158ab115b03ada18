import { settle } from "qwen-auth-testing/gate"
import { describe, expect, it } from "vitest"
import { type BodyWatch, observeResponse } from "./observe-response.ts"

/** A watch that records its calls. */
function recording(): BodyWatch & { readonly calls: unknown[] } {
  const calls: unknown[] = []
  return {
    calls,
    part: (bytes) => calls.push(new TextDecoder().decode(bytes)),
    end: (how, error) => calls.push(error === undefined ? how : [how, error]),
  }
}

/** A body whose chunks the test sends. */
function controlledBody() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let pulls = 0
  const cancelled: unknown[] = []
  const body = new ReadableStream<Uint8Array>(
    {
      start: (streamController) => {
        controller = streamController
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

describe("observeResponse", () => {
  it("passes each chunk on as it arrives", async () => {
    const source = controlledBody()
    const watch = recording()
    const reader = readerOf(observeResponse(new Response(source.body), watch))
    source.send("one")
    expect((await reader.read()).value).toEqual(new TextEncoder().encode("one"))
    expect(watch.calls).toEqual(["one"])
    source.send("two")
    await reader.read()
    source.close()
    expect((await reader.read()).done).toBe(true)
    expect(watch.calls).toEqual(["one", "two", "complete"])
  })

  it("does not read ahead", async () => {
    const source = controlledBody()
    const reader = readerOf(observeResponse(new Response(source.body), recording()))
    await settle()
    expect(source.pulls()).toBe(0)
    source.send("one")
    source.send("two")
    await reader.read()
    await settle()
    expect(source.pulls()).toBe(0)
  })

  it("cancels the source, even while a read is pending", async () => {
    for (const awaited of [false, true]) {
      const source = controlledBody()
      const watch = recording()
      const reader = readerOf(observeResponse(new Response(source.body), watch))
      const waiting = awaited ? reader.read() : undefined
      await settle()
      await reader.cancel("enough")
      await waiting
      await settle()
      expect(source.cancelled).toEqual(["enough"])
      expect(watch.calls).toEqual(["cancelled"])
    }
  })

  it("fails with the source's error", async () => {
    const source = controlledBody()
    const watch = recording()
    const failure = new Error("reset")
    const text = observeResponse(new Response(source.body), watch).text()
    source.send("one")
    source.fail(failure)
    await expect(text).rejects.toBe(failure)
    expect(watch.calls.at(-1)).toEqual(["failed", failure])
  })

  it("gives a BYOB reader the same bytes", async () => {
    const source = controlledBody()
    const watch = recording()
    const reader = observeResponse(new Response(source.body), watch).body?.getReader({ mode: "byob" })
    source.send("one and two")
    const first = await reader?.read(new Uint8Array(4))
    const second = await reader?.read(new Uint8Array(16))
    expect([first?.value, second?.value].map((part) => new TextDecoder().decode(part))).toEqual(["one ", "and two"])
    source.close()
    expect(await reader?.read(new Uint8Array(4))).toMatchObject({ done: true })
    expect(watch.calls).toEqual(["one and two", "complete"])
  })

  it("ends or fails the pending read of a BYOB reader", async () => {
    for (const ending of ["close", "fail"] as const) {
      const source = controlledBody()
      const reader = observeResponse(new Response(source.body), recording()).body?.getReader({ mode: "byob" })
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

  it("does not transfer the source's buffers and skips empty chunks", async () => {
    const part = new TextEncoder().encode("one")
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const each of [part, new Uint8Array(0), part]) controller.enqueue(each)
        controller.close()
      },
    })
    const watch = recording()
    expect(await observeResponse(new Response(body), watch).text()).toBe("oneone")
    expect(watch.calls).toEqual(["one", "one", "complete"])
    expect(part).toEqual(new TextEncoder().encode("one"))
  })

  it("keeps all other properties of the Response", async () => {
    const headers = new Headers({ "content-type": "text/event-stream", "retry-after": "5" })
    headers.append("set-cookie", "a=b")
    headers.append("set-cookie", "c=d")
    const response = new Response("body", { status: 429, statusText: "Slow down", headers })
    Object.defineProperty(response, "url", { value: "https://a.test/v1" })
    Object.defineProperty(response, "redirected", { value: true })
    const copy = observeResponse(response, recording())
    expect(copy).toBeInstanceOf(Response)
    expect(copy).not.toBe(response)
    expect(copy).toMatchObject({ status: 429, statusText: "Slow down", ok: false, url: "https://a.test/v1" })
    expect(copy).toMatchObject({ redirected: true, bodyUsed: false, type: response.type })
    expect([...copy.headers]).toEqual([...headers])
    expect(await copy.text()).toBe("body")
  })

  it.each([204, 304, 200])("returns the same Response for status %i without a body", (status) => {
    const watch = recording()
    const response = new Response(null, { status })
    expect(observeResponse(response, watch)).toBe(response)
    expect(watch.calls).toEqual(["complete"])
  })

  it("returns the same Response if its status is not valid for the constructor", async () => {
    const watch = recording()
    const response = new Response("body")
    Object.defineProperty(response, "status", { value: 0 })
    const same = observeResponse(response, watch)
    expect(same).toBe(response)
    expect(await same.text()).toBe("body")
    expect(watch.calls).toEqual(["complete"])
  })
})
