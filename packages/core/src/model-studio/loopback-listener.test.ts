import { Server } from "node:http"
import { call, exchange, isFree } from "qwen-auth-testing/console-client"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { gate, until } from "qwen-auth-testing/gate"
import { afterEach, describe, expect, it, vi } from "vitest"
import {
  type LoopbackAnswer,
  type LoopbackListener,
  type LoopbackRequest,
  listenOnLoopback,
} from "./loopback-listener.ts"

const listeners: LoopbackListener[] = []
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

const hello = (): LoopbackAnswer => ({ status: 200, headers: { "X-Test": "yes" }, text: "hello" })

async function openListener(answer: (request: LoopbackRequest) => LoopbackAnswer = hello) {
  const platform = fakePlatform({ autoAdvance: false })
  const seen: LoopbackRequest[] = []
  const listener = await listenOnLoopback(platform, (request) => {
    seen.push(request)
    return answer(request)
  })
  listeners.push(listener)
  return { platform, seen, listener, port: listener.port }
}

/** A request that is shorter than its Content-Length. */
const halfRequest = (port: number) => `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 10\r\n\r\n{`

describe("a loopback listener", () => {
  it("passes a request to the handler and sends its response", async () => {
    const { port, seen } = await openListener()
    const answer = await call(port, { method: "POST", target: "/a?b=c", headers: { "x-b": "c" }, body: "größer" })
    expect(seen).toMatchObject([
      { port, method: "POST", target: "/a?b=c", headers: { host: `127.0.0.1:${port}`, "x-b": "c" }, body: "größer" },
    ])
    expect([answer.status, answer.text, answer.headers.get("x-test")]).toEqual([200, "hello", "yes"])
  })

  it("sends headers that prevent caching, sniffing and referrers", async () => {
    const { headers } = await call((await openListener()).port)
    expect(headers.get("content-type")).toBe("text/plain; charset=utf-8")
    expect(headers.get("cache-control")).toBe("no-store")
    expect(headers.get("x-content-type-options")).toBe("nosniff")
    expect(headers.get("referrer-policy")).toBe("no-referrer")
    expect(headers.get("connection")).toBe("close")
  })

  it.each([
    ["as large as allowed", 64 * 1024, true],
    ["one byte larger", 64 * 1024 + 1, false],
    ["much larger", 3 * 1024 * 1024, false],
  ])("reads a body %s: %i bytes", async (_, size, whole) => {
    const { port, seen } = await openListener()
    const answer = await call(port, { method: "POST", body: "x".repeat(size) })
    expect(answer.status).toBe(200)
    expect(seen.map(({ body }) => body?.length)).toEqual([whole ? size : undefined])
  })

  it("reads a chunked body", async () => {
    const { port, seen } = await openListener()
    const pieces = '3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n'
    await exchange(port, `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nTransfer-Encoding: chunked\r\n\r\n${pieces}`)
    expect(seen.map(({ body }) => body)).toEqual(['{"a":1}'])
  })

  it("removes a byte order mark and replaces invalid UTF-8", async () => {
    const { port, seen } = await openListener()
    await call(port, { method: "POST", body: "\ufeff{}" })
    await exchange(port, `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 2\r\n\r\n`, [0xff, 0x41])
    expect(seen.map(({ body }) => body)).toEqual(["{}", "\ufffdA"])
  })

  it("calls `delivered` when the response was sent", async () => {
    const delivered = gate()
    const { port } = await openListener(() => ({ ...hello(), delivered: () => delivered.open() }))
    const answer = call(port)
    await delivered.promise
    expect((await answer).text).toBe("hello")
  })

  it("can be closed in `delivered`, and the client still receives the response", async () => {
    const delivered = gate()
    const { port, listener } = await openListener(() => ({ ...hello(), delivered: () => delivered.open() }))
    const answer = call(port, { method: "POST", body: "x".repeat(60_000) })
    await delivered.promise
    await listener.close()
    expect((await answer).text).toBe("hello")
  })

  it("does not pass on a request that is not HTTP", async () => {
    const { port, seen } = await openListener()
    for (const text of ["junk\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001\u0000\u0005\r\n\r\n"]) {
      expect(await exchange(port, text)).not.toContain("hello")
    }
    expect(seen).toEqual([])
  })

  it("continues after an error of the handler", async () => {
    let faulty = true
    const { port, platform } = await openListener(() => {
      if (faulty) throw new Error("a fault")
      return hello()
    })
    expect(await exchange(port, `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)).toBe("")
    faulty = false
    expect((await call(port)).text).toBe("hello")
    expect(platform.logged).toHaveLength(1)
  })
})

describe("a client that stalls", () => {
  it("is disconnected after ten seconds and does not block others", async () => {
    const { port, seen, platform } = await openListener()
    const stalled = [exchange(port, "POST / HTTP/1.1\r\nHos"), exchange(port, halfRequest(port))]
    await until(() => platform.openWaits() === 2)
    expect((await call(port)).text).toBe("hello")
    await until(() => platform.openWaits() === 2)
    platform.pass(9_999)
    expect(platform.openWaits()).toBe(2)
    platform.pass(1)
    expect(await Promise.all(stalled)).toEqual(["", ""])
    expect(seen).toHaveLength(1)
  })

  it("is disconnected when the listener is closed", async () => {
    const { port, listener, platform } = await openListener()
    const stalled = exchange(port, halfRequest(port))
    await until(() => platform.openWaits() === 1)
    await listener.close()
    expect(platform.openWaits()).toBe(0)
    expect(await stalled).toBe("")
  })

  it("counts towards the maximum number of connections", async () => {
    const { port, listener, platform } = await openListener()
    const stalled = Array.from({ length: 40 }, () => exchange(port, halfRequest(port)))
    await Promise.all(stalled.slice(32))
    expect(platform.openWaits()).toBe(32)
    await listener.close()
    await Promise.all(stalled)
  })
})

describe("closing a loopback listener", () => {
  it("releases port, timers and connections, even if it is called twice", async () => {
    const { port, listener, platform } = await openListener()
    expect(await isFree(port)).toBe(false)
    await call(port)
    await Promise.all([listener.close(), listener.close()])
    await listener.close()
    expect(await isFree(port)).toBe(true)
    expect(platform.openWaits()).toBe(0)
    await expect(call(port)).rejects.toMatchObject({ code: "ECONNREFUSED" })
  })

  it("is not needed for the process to exit", async () => {
    const unref = vi.spyOn(Server.prototype, "unref")
    await openListener()
    expect(unref).toHaveBeenCalledOnce()
    unref.mockRestore()
  })
})

describe("the address of a loopback listener", () => {
  it("is 127.0.0.1 only", async () => {
    const listen = vi.spyOn(Server.prototype, "listen")
    await openListener()
    expect(listen.mock.calls.map(([options]) => options)).toEqual([{ port: 0, host: "127.0.0.1", exclusive: true }])
    listen.mockRestore()
  })
})
