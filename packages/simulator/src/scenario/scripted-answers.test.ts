import { once } from "node:events"
import { request as httpRequest } from "node:http"
import { expect, test } from "vitest"
import { simulatorUnderTest } from "../test-support/simulator-under-test.ts"

const UNAVAILABLE = { status: 503, body: "<html>gateway</html>" }

test("queued answers are used once each, in order, then the real behaviour is back", async () => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  const { access_token } = await signIn()
  const queue = [UNAVAILABLE, { status: 429, headers: { "Retry-After": "7" }, body: { error: { code: "slow" } } }]
  await scenario({ answers: { chat: { queue } } })
  const first = await chat(access_token)
  expect(first.status).toBe(503)
  expect(first.headers.get("content-type")).toBe("text/html; charset=utf-8")
  expect(await first.text()).toBe("<html>gateway</html>")
  const second = await chat(access_token)
  expect(second.status).toBe(429)
  expect(second.headers.get("retry-after")).toBe("7")
  expect(await second.json()).toEqual({ error: { code: "slow" } })
  expect((await chat(access_token)).status).toBe(200)
})

test("pass lets one request through: the second of three fails", async () => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  const { access_token } = await signIn()
  await scenario({ answers: { chat: { queue: [{ pass: true }, UNAVAILABLE] } } })
  const statuses = [await chat(access_token), await chat(access_token), await chat(access_token)].map(
    ({ status }) => status,
  )
  expect(statuses).toEqual([200, 503, 200])
})

test("a standing answer applies until it is removed; the queue comes first", async () => {
  const { origin, scenario } = await simulatorUnderTest()
  const status = async () => (await fetch(`${origin}/v1/models`)).status
  await scenario({ answers: { models: { standing: UNAVAILABLE, queue: [{ status: 418 }] } } })
  expect([await status(), await status(), await status()]).toEqual([418, 503, 503])
  await scenario({ answers: { models: { standing: null } } })
  expect(await status()).toBe(401)
})

test("polls, refreshes and the device code are scripted separately", async () => {
  const { scenario, requestDeviceCode, poll, signIn, refresh } = await simulatorUnderTest()
  const { refresh_token } = await signIn()
  const { body } = await requestDeviceCode()
  await scenario({ answers: { token: { standing: { status: 502, body: {} } } } })
  expect((await poll(body["device_code"])).status).toBe(502)
  expect((await refresh(refresh_token)).status).toBe(200)
  await scenario({ answers: { token: { standing: null }, refresh: { standing: { status: 504, body: {} } } } })
  expect((await poll(body["device_code"])).status).toBe(400)
  expect((await refresh(refresh_token)).status).toBe(504)
  await scenario({ answers: { deviceCode: { standing: { status: 500, body: {} } } } })
  expect((await requestDeviceCode()).status).toBe(500)
})

test("a delayed real answer is processed first: a client that gives up has still used its refresh token", async () => {
  const { scenario, signIn, refresh, origin } = await simulatorUnderTest()
  const { refresh_token } = await signIn()
  await scenario({ answers: { refresh: { queue: [{ pass: true, delayMs: 60_000 }] } } })
  const given = AbortSignal.timeout(30)
  const body = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: "f0304373b74a44d2b584a3fb70ca9e56",
    refresh_token: String(refresh_token),
  })
  await expect(fetch(`${origin}/api/v1/oauth2/token`, { method: "POST", body, signal: given })).rejects.toThrow()
  expect((await refresh(refresh_token)).status).toBe(400)
})

test("a delay passes, then the answer comes", async () => {
  const { origin, scenario } = await simulatorUnderTest()
  await scenario({ answers: { models: { queue: [{ status: 200, body: {}, delayMs: 20 }] } } })
  const started = performance.now()
  expect((await fetch(`${origin}/v1/models`)).status).toBe(200)
  expect(performance.now() - started).toBeGreaterThan(18)
})

/** The received part of a truncated response, and how the connection ended. */
async function arrived(url: string): Promise<{ status: number | undefined; text: string; complete: boolean }> {
  const request = httpRequest(url, { agent: false })
  request.end()
  const [response] = await once(request, "response")
  let text = ""
  response.on("data", (piece: Buffer) => {
    text += piece.toString()
  })
  response.on("error", () => undefined)
  await new Promise((resolve) => response.on("close", resolve))
  return { status: response.statusCode, text, complete: response.complete }
}

test.each([0, 1, 5])("an answer cut after %d bytes has exactly those, and is not complete", async (cutAfterBytes) => {
  const { origin, scenario } = await simulatorUnderTest()
  await scenario({ answers: { models: { queue: [{ body: "0123456789", cutAfterBytes }] } } })
  expect(await arrived(`${origin}/v1/models`)).toEqual({
    status: 200,
    text: "0123456789".slice(0, cutAfterBytes),
    complete: false,
  })
})

test("an answer shorter than its cut arrives whole", async () => {
  const { origin, scenario } = await simulatorUnderTest()
  await scenario({ answers: { models: { queue: [{ body: "0123456789", cutAfterBytes: 10 }] } } })
  expect(await arrived(`${origin}/v1/models`)).toEqual({ status: 200, text: "0123456789", complete: true })
})

test.each([0, 300])("a real stream is cut after %d bytes", async (cutAfterBytes) => {
  const { scenario, signIn, chat } = await simulatorUnderTest()
  const { access_token } = await signIn()
  await scenario({ answers: { chat: { queue: [{ pass: true, cutAfterBytes }] } } })
  const response = await chat(access_token, { stream: true })
  expect(response.status).toBe(200)
  let bytes = 0
  const reading = async () => {
    for await (const piece of response.body ?? []) bytes += piece.length
  }
  await expect(reading()).rejects.toThrow("terminated")
  expect(bytes).toBe(cutAfterBytes)
})

test("reset ends the connection without a response; with pass the request is still processed", async () => {
  const { origin, scenario, signIn, refresh, log } = await simulatorUnderTest()
  const { refresh_token } = await signIn()
  await scenario({
    answers: {
      refresh: { queue: [{ reset: true }, { pass: true, reset: true }] },
      models: { queue: [{ reset: true }] },
    },
  })
  await expect(fetch(`${origin}/v1/models`)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } })
  await expect(refresh(refresh_token)).rejects.toThrow()
  await expect(refresh(refresh_token)).rejects.toThrow()
  expect((await refresh(refresh_token)).status).toBe(400)
  expect((await log()).map((entry) => entry["status"]).slice(-4)).toEqual([undefined, undefined, undefined, 400])
})

test("the firewall page replaces all endpoints except the control endpoints", async () => {
  const { origin, scenario } = await simulatorUnderTest()
  await scenario({ firewall: true })
  for (const path of ["/api/v1/oauth2/token", "/v1/chat/completions", "/authorize", "/nowhere"]) {
    const response = await fetch(origin + path, { method: "POST", body: "{}" })
    expect(response.status).toBe(200)
    const html = await response.text()
    expect(html.startsWith("<!doctypehtml>")).toBe(true)
    expect(html).toContain('<meta name="aliyun_waf_aa"')
  }
  await scenario({ firewall: false })
  expect((await fetch(`${origin}/nowhere`)).status).toBe(404)
})
