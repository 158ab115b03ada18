import { connect } from "node:net"
import { expect, test } from "vitest"
import { startSimulator } from "./server.ts"
import { simulatorUnderTest } from "./test-support/simulator-under-test.ts"

test("unknown paths are 404, wrong methods 405 with what is allowed", async () => {
  const { origin } = await simulatorUnderTest()
  const nowhere = await fetch(`${origin}//nowhere`)
  expect(nowhere.status).toBe(404)
  expect(await nowhere.json()).toEqual({ error: { code: "not_found", message: "Nothing is at //nowhere" } })
  for (const method of ["GET", "HEAD", "OPTIONS", "DELETE"]) {
    const response = await fetch(`${origin}/v1/chat/completions`, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get("allow")).toBe("POST")
  }
  expect((await fetch(`${origin}/favicon.ico`)).status).toBe(204)
})

test("a body that is too large is 413, and the simulator goes on", async () => {
  const { origin, signIn, chat } = await simulatorUnderTest()
  const body = new URLSearchParams({ grant_type: "x".repeat(65 * 1024) })
  const refused = await fetch(`${origin}/api/v1/oauth2/token`, { method: "POST", body })
  expect(refused.status).toBe(413)
  expect(await refused.json()).toMatchObject({ error: { code: "body_too_large" } })
  const { access_token } = await signIn()
  const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(33 * 1024 * 1024)}` } }
  expect((await chat(access_token, { messages: [{ role: "user", content: [image] }] })).status).toBe(413)
})

test("a body that is not JSON is 400", async () => {
  const { origin, signIn } = await simulatorUnderTest()
  const headers = { authorization: `Bearer ${(await signIn())["access_token"]}` }
  const response = await fetch(`${origin}/v1/chat/completions`, { method: "POST", headers, body: "{" })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { message: "The body is not JSON" } })
})

test("a hundred requests at once are all answered", async () => {
  const { signIn, chat } = await simulatorUnderTest()
  const { access_token } = await signIn()
  const answers = await Promise.all(Array.from({ length: 100 }, () => chat(access_token, { stream: true })))
  for (const answer of answers) expect(await answer.text()).toContain("[DONE]")
})

test("a large stream waits for a slow reader and does not fill memory", async () => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  await scenario({ chat: { chunks: 200, chunkBytes: 1024 * 1024 } })
  const { access_token } = await signIn()
  const before = process.memoryUsage().rss
  const response = await chat(access_token, { stream: true })
  const reader = response.body?.getReader()
  await reader?.read()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
  await reader?.cancel()
})

test("close ends connections that are idle, waiting or streaming", async () => {
  const simulator = await startSimulator()
  const port = Number(new URL(simulator.origin).port)
  const idle = connect(port, "127.0.0.1")
  idle.on("error", () => undefined)
  const ended = new Promise((resolve) => idle.on("close", resolve))
  await new Promise((resolve) => idle.on("connect", resolve))
  const script = { answers: { models: { standing: { body: "", delayMs: 60_000 } } } }
  await fetch(`${simulator.origin}/_sim/scenario`, { method: "POST", body: JSON.stringify(script) })
  const waiting = fetch(`${simulator.origin}/v1/models`).catch(() => "ended")
  await new Promise((resolve) => setTimeout(resolve, 10))
  await simulator.close()
  expect(await waiting).toBe("ended")
  await ended
  await expect(fetch(simulator.origin)).rejects.toThrow()
})

test("it listens on loopback only, and a taken port is an error", async () => {
  const { origin } = await simulatorUnderTest()
  expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  await expect(startSimulator({ port: Number(new URL(origin).port) })).rejects.toMatchObject({ code: "EADDRINUSE" })
})
