import { expect, test } from "vitest"
import { simulatorUnderTest } from "../test-support/simulator-under-test.ts"
import { LOGGED_BODY_CHARACTERS, LOGGED_REQUESTS, RequestLog } from "./request-log.ts"

test("every request is logged with time, method, path, query, headers, parsed body and status", async () => {
  const { origin, clock, log } = await simulatorUnderTest()
  await fetch(`${origin}/api/v1/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams([
      ["grant_type", "x"],
      ["twice", "1"],
      ["twice", "2"],
    ]),
  })
  await fetch(`${origin}/v1/chat/completions?a=b`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-test": "yes" },
    body: '{"model":"coder-model"}',
  })
  await fetch(`${origin}/nowhere`, { method: "PUT", body: "plain text" })
  await fetch(`${origin}/v1/models`)
  const time = clock.now()
  expect(await log()).toMatchObject([
    { time, method: "POST", path: "/api/v1/oauth2/token", body: { grant_type: "x", twice: ["1", "2"] }, status: 400 },
    {
      method: "POST",
      path: "/v1/chat/completions",
      query: { a: "b" },
      headers: { "x-test": "yes" },
      body: { model: "coder-model" },
      status: 401,
    },
    { method: "PUT", path: "/nowhere", body: "plain text", status: 404 },
    { method: "GET", path: "/v1/models", body: null, status: 401 },
  ])
})

function request(path: string) {
  return {
    time: 0,
    method: "POST",
    host: "127.0.0.1",
    path,
    query: {},
    headers: { "content-type": "application/json" },
  }
}

test("the log keeps the newest requests", () => {
  const log = new RequestLog()
  for (let number = 0; number <= LOGGED_REQUESTS; number += 1) log.add(request(`/${number}`))
  const paths = log.entries().map((entry) => entry.path)
  expect(paths).toHaveLength(LOGGED_REQUESTS)
  expect(paths[0]).toBe("/1")
})

test("a long body is truncated to text and marked as truncated", () => {
  const log = new RequestLog()
  log.add(request("/")).body(JSON.stringify("a".repeat(LOGGED_BODY_CHARACTERS)))
  expect(log.entries()[0]).toMatchObject({ bodyTruncated: true, body: expect.stringMatching(/^"a+$/) })
})

test("long bodies displace the oldest requests", () => {
  const log = new RequestLog()
  const body = "a".repeat(LOGGED_BODY_CHARACTERS)
  for (let number = 0; number < 70; number += 1) log.add(request(`/${number}`)).body(body)
  expect(log.entries().length).toBeLessThan(66)
  expect(log.entries().at(-1)?.path).toBe("/69")
})

test("a request whose client leaves before the end of the answer is marked in the log", async () => {
  const { origin, control, log } = await simulatorUnderTest()
  await control("scenario", { answers: { chat: { queue: [{ pass: true, delayMs: 60_000 }] } } })
  const client = new AbortController()
  const response = fetch(`${origin}/v1/chat/completions`, { method: "POST", body: "{}", signal: client.signal })
  await expect.poll(async () => (await log()).length).toBe(1)
  client.abort()
  await expect(response).rejects.toThrow()
  await expect.poll(log).toMatchObject([{ path: "/v1/chat/completions", left: true }])
})
