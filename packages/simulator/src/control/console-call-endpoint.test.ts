import { expect, test } from "vitest"
import { startSimulator } from "../server.ts"
import { simulatorUnderTest } from "../test-support/simulator-under-test.ts"
import { STATE, waitingProgram } from "../test-support/waiting-program.ts"

const ORIGIN = "https://modelstudio.console.alibabacloud.com"

const HAND_OVER = {
  access_token: expect.any(String),
  api_key: expect.stringMatching(/^sk-ws-[0-9a-f]{32}$/),
  base_url: "https://ws-simulator.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
  workspace_id: "ws-simulator",
  console_site: "international",
  console_region: "ap-southeast-1",
  console_switch_agent: 0,
}

test("it sends a browser's preflight, then posts the document with a valid key", async () => {
  const { origin, control } = await simulatorUnderTest()
  const { notice, port, calls } = await waitingProgram()
  const { status, body } = await control("console-call", { notice })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    preflight: { status: 204, headers: { "access-control-allow-origin": "*" } },
    status: 200,
    headers: { "access-control-allow-origin": "*" },
    body: "OK",
    key: HAND_OVER.api_key,
  })
  const [preflight, call] = calls
  expect(calls).toHaveLength(2)
  expect(preflight).toMatchObject({
    method: "OPTIONS",
    url: `/?state=${STATE}`,
    headers: {
      host: `127.0.0.1:${port}`,
      origin: ORIGIN,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
      "access-control-request-private-network": "true",
    },
    body: "",
  })
  expect(call).toMatchObject({
    method: "POST",
    url: `/?state=${STATE}`,
    headers: { host: `127.0.0.1:${port}`, origin: ORIGIN, "content-type": "application/json" },
  })
  const document = JSON.parse(call?.body ?? "")
  expect(document).toEqual({ ...HAND_OVER, api_key: body["key"] })
  const base = document.base_url.replace("https://", `${origin}/_hosts/`)
  const models = await fetch(`${base}/models`, { headers: { authorization: `Bearer ${body["key"]}` } })
  expect(models.status).toBe(200)
})

test("the Chinese console names its own site, region and host", async () => {
  const { control } = await simulatorUnderTest()
  const { notice, calls } = await waitingProgram()
  await control("console-call", { notice, site: "china" })
  expect(calls[1]?.headers["origin"]).toBe("https://bailian.console.aliyun.com")
  expect(JSON.parse(calls[1]?.body ?? "")).toMatchObject({
    base_url: "https://ws-simulator.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
    console_site: "china",
    console_region: "cn-beijing",
  })
})

test("older shapes: camelCase and under data", async () => {
  const { control } = await simulatorUnderTest()
  const { notice, calls } = await waitingProgram()
  await control("console-call", { notice, shape: "camel", preflight: false })
  await control("console-call", { notice, shape: "data", preflight: false })
  const [camel, data] = calls.map(({ body }) => JSON.parse(body))
  expect(Object.keys(camel)).toEqual([
    "accessToken",
    "apiKey",
    "baseUrl",
    "workspaceId",
    "consoleSite",
    "consoleRegion",
    "consoleSwitchAgent",
  ])
  expect(data).toEqual({ data: HAND_OVER })
})

test("older shapes: a form, and a query", async () => {
  const { control } = await simulatorUnderTest()
  const { notice, calls } = await waitingProgram()
  await control("console-call", { notice, shape: "form" })
  await control("console-call", { notice, shape: "get" })
  const strings = { ...HAND_OVER, console_switch_agent: "0" }
  const [, form, preflight, get] = calls
  expect(form).toMatchObject({ method: "POST", url: `/?state=${STATE}` })
  expect(form?.headers["content-type"]).toBe("application/x-www-form-urlencoded")
  expect(Object.fromEntries(new URLSearchParams(form?.body))).toEqual(strings)
  expect(preflight?.headers).not.toHaveProperty("access-control-request-headers")
  expect(get).toMatchObject({ method: "GET", body: "" })
  const query = Object.fromEntries(new URL(get?.url ?? "", ORIGIN).searchParams)
  expect(query).toEqual({ ...strings, state: STATE })
})

test("state, fields and origin can be changed, and the preflight omitted", async () => {
  const { control } = await simulatorUnderTest()
  const { notice, calls } = await waitingProgram({ status: 403 })
  const fields = { api_key: null, base_url: "https://example.com", extra: { deep: 1 } }
  const wrong = { notice, state: "wrong", fields, origin: "https://example.com", preflight: false }
  const { status, body } = await control("console-call", wrong)
  expect(status).toBe(200)
  expect(body).toMatchObject({ preflight: null, status: 403, body: "OK" })
  await control("console-call", { notice, origin: null, preflight: false })
  expect(calls).toHaveLength(2)
  expect(calls[0]).toMatchObject({ url: "/?state=wrong", headers: { origin: "https://example.com" } })
  const sent = JSON.parse(calls[0]?.body ?? "")
  expect(sent).toMatchObject({ base_url: "https://example.com", extra: { deep: 1 } })
  expect(sent).not.toHaveProperty("api_key")
  expect(calls[1]?.headers).not.toHaveProperty("origin")
})

test("no program on the port is 502 with the reason", async () => {
  const { control } = await simulatorUnderTest()
  const gone = await startSimulator()
  await gone.close()
  const notice = `${new URL(gone.origin).host}?state=${STATE}`
  const error = expect.stringMatching(/^127\.0\.0\.1:\d+ could not be called: .*ECONNREFUSED/)
  expect(await control("console-call", { notice })).toMatchObject({ status: 502, body: { error } })
})

test.each([
  [{}, "notice must be 127.0.0.1:PORT?state=STATE"],
  [{ notice: `example.com:80?state=${STATE}` }, "notice must be 127.0.0.1:PORT?state=STATE"],
  [{ notice: `127.0.0.1:1?state=${STATE}`, shape: "xml" }, "shape must be one of: post, get, form, camel, data"],
  [{ notice: `127.0.0.1:1?state=${STATE}`, site: "us" }, "site must be one of: international, china"],
  [{ notice: `127.0.0.1:1?state=${STATE}`, to: 1 }, "Unknown key to."],
])("%j is refused", async (document, message) => {
  const { control } = await simulatorUnderTest()
  expect(await control("console-call", document)).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining(message) },
  })
})
