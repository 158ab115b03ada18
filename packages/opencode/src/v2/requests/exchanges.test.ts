import { expect, it } from "vitest"
import { Exchanges } from "./exchanges.ts"

const FIRST = { conversation: "primary session-1", digest: "first" }
const NEXT = { ...FIRST, digest: "next" }
const send = async () => new Response("answer")

function exchanges() {
  let id = 0
  return new Exchanges(() => String(++id))
}

/** Plays the response hook. */
async function respond(all: Exchanges, request: Request): Promise<Response> {
  const exchange = all.take(request)
  if (exchange === undefined) throw new Error("no exchange")
  exchange.response = await exchange.send(AbortSignal.timeout(1_000))
  return exchange.response
}

it("a stored request is found once by its address, also from a copy", () => {
  const all = exchanges()
  const request = all.open(FIRST, send)

  expect(all.take(new Request(request, { headers: { "x-other": "1" } }))?.send).toBe(send)
  expect(all.take(request)).toBeUndefined()
  expect(all.take(new Request("https://qwen.example"))).toBeUndefined()
})

it("a repeated request without a response hook means that OpenCode cannot fetch the address", () => {
  const all = exchanges()
  all.open(FIRST, send)

  expect(all.isIgnored(FIRST)).toBe(true)
  expect(all.isIgnored({ ...FIRST, conversation: "primary session-2" })).toBe(false)
})

it("a repeated request with an unread response means that OpenCode ignores the response", async () => {
  const all = exchanges()
  await respond(all, all.open(FIRST, send))

  expect(all.isIgnored(FIRST)).toBe(true)
})

it("a repeated request after its response was read is a retry", async () => {
  const all = exchanges()
  await (await respond(all, all.open(FIRST, send))).text()

  expect(all.isIgnored(FIRST)).toBe(false)
})

it("the next request after an interrupted one is not a sign, and cancels the unread response", async () => {
  const all = exchanges()
  let cancelled = false
  const endless = new ReadableStream({
    cancel() {
      cancelled = true
    },
  })
  await respond(
    all,
    all.open(FIRST, async () => new Response(endless)),
  )

  expect(all.isIgnored(NEXT)).toBe(false)
  expect(cancelled).toBe(true)
})

it("a request that was interrupted before its response is not a sign either", () => {
  const all = exchanges()
  all.take(all.open(FIRST, send))

  expect(all.isIgnored(FIRST)).toBe(false)
  expect(all.isIgnored(NEXT)).toBe(false)
})

it("the number of stored requests is limited", () => {
  const all = exchanges()
  const [oldest] = Array.from({ length: 201 }, () => all.open(undefined, send))
  if (oldest === undefined) throw new Error("no request")

  expect(all.take(oldest)).toBeUndefined()
})
