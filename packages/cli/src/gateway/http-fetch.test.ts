import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { gate } from "qwen-auth-testing/gate"
import { describe, expect, it, onTestFinished } from "vitest"
import { httpFetch } from "./http-fetch.ts"

async function serverWith(listener: RequestListener) {
  const server = createServer(listener)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const send = httpFetch(() => Promise.reject(new Error("This is the other fetch.")))
const POST = { method: "POST", redirect: "manual" } as const

describe("httpFetch", () => {
  it.each([
    ["a text", "Grüße"],
    ["bytes", new TextEncoder().encode("Grüße")],
  ])("sends %s with its length and headers", async (_, body) => {
    const { origin } = await serverWith(async (request, response) => {
      const { "content-length": length, "transfer-encoding": transfer, "x-a": own } = request.headers
      response.setHeader("x-b", ["1", "2"])
      response.statusCode = 201
      response.end(JSON.stringify([request.method, await text(request), length, transfer, own]))
    })
    const answer = await send(`${origin}/path?x=1`, { ...POST, body, headers: { "x-a": "own" } })
    expect(await answer.json()).toEqual(["POST", "Grüße", "7", null, "own"])
    expect([answer.status, answer.ok, answer.headers.get("x-b")]).toEqual([201, true, "1, 2"])
  })

  it("leaves other kinds of bodies and followed redirects to the other fetch", async () => {
    await expect(send("http://127.0.0.1:9", { ...POST, body: new FormData() })).rejects.toThrow("other fetch")
    await expect(send("http://127.0.0.1:9", { body: "x" })).rejects.toThrow("other fetch")
  })

  it("follows no redirect", async () => {
    const { origin } = await serverWith((_, response) => response.writeHead(302, { location: "/other" }).end("moved"))
    const answer = await send(origin, POST)
    expect([answer.status, answer.headers.get("location"), await answer.text()]).toEqual([302, "/other", "moved"])
  })

  it.each([204, 304])("returns no body with status %i", async (status) => {
    const { origin } = await serverWith((_, response) => response.writeHead(status).end())
    expect((await send(origin, POST)).body).toBeNull()
  })

  it("returns the parts as they arrive", async () => {
    const next = gate()
    const { origin } = await serverWith(async (_, response) => {
      response.write("one")
      await next.promise
      response.end("two")
    })
    const reader = (await send(origin, POST)).body?.pipeThrough(new TextDecoderStream()).getReader()
    expect(await reader?.read()).toEqual({ done: false, value: "one" })
    next.open()
    expect(await reader?.read()).toEqual({ done: false, value: "two" })
    expect(await reader?.read()).toMatchObject({ done: true })
  })

  it("returns megabytes unchanged to a slow reader", async () => {
    const whole = "0123456789abcdef".repeat(200_000)
    const { origin } = await serverWith((_, response) => response.end(whole))
    let received = ""
    for await (const part of (await send(origin, POST)).body ?? []) {
      received += Buffer.from(part).toString("latin1")
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(received === whole).toBe(true)
  })

  it("fails when the body breaks off", async () => {
    const { origin } = await serverWith((_, response) => {
      response.write("half")
      setImmediate(() => response.destroy())
    })
    await expect((await send(origin, POST)).text()).rejects.toThrow()
  })

  it("fails with the system's error when the port is closed", async () => {
    await expect(send("http://127.0.0.1:9", POST)).rejects.toMatchObject({ code: "ECONNREFUSED" })
  })

  it.each(["before", "after"])("ends the connection when it is aborted %s the answer began", async (when) => {
    const [arrived, closed] = [gate(), gate()]
    const { origin } = await serverWith((_, response) => {
      response.once("close", () => closed.open())
      if (when === "after") response.write("half")
      arrived.open()
    })
    const controller = new AbortController()
    const sent = send(origin, { ...POST, signal: controller.signal }).then((answer) => answer.text())
    sent.catch(() => {})
    await arrived.promise
    controller.abort(new Error("enough"))
    await expect(sent).rejects.toThrow()
    await closed.promise
  })

  it("ends the connection when its reader leaves", async () => {
    const closed = gate()
    const { origin } = await serverWith((_, response) => {
      response.once("close", () => closed.open())
      response.write("half")
    })
    await (await send(origin, POST)).body?.cancel()
    await closed.promise
  })

  it("reuses a connection, and opens a new one when the service closed it", async () => {
    const ports = new Set<number | undefined>()
    const { origin, server } = await serverWith((request, response) => {
      ports.add(request.socket.remotePort)
      response.end("ok")
    })
    const ask = async () => (await send(origin, POST)).text()
    await ask()
    await ask()
    expect(ports.size).toBe(1)
    server.closeAllConnections()
    expect(await ask()).toBe("ok")
    expect(ports.size).toBe(2)
  })
})
