import { expect, test } from "vitest"
import { simulatorUnderTest } from "../test-support/simulator-under-test.ts"

const CODING = "coding.dashscope.aliyuncs.com"

test("a client without a proxy names the host in the path", async () => {
  const { origin, log, apiKey } = await simulatorUnderTest()
  const headers = { authorization: `Bearer ${await apiKey({ plan: "coding", region: "china" })}` }
  expect((await fetch(`${origin}/_hosts/${CODING}/v1/models?a=b`, { headers })).status).toBe(200)
  expect((await fetch(`${origin}/v1/models`, { headers })).status).toBe(401)
  expect(await log()).toMatchObject([
    { host: CODING, path: "/v1/models", query: { a: "b" }, status: 200 },
    { host: new URL(origin).host, path: "/v1/models", status: 401 },
  ])
  expect((await log())[0]).not.toHaveProperty("proxied")
})

test("a Host header alone does not select a host", async () => {
  const { origin, log } = await simulatorUnderTest()
  const { request } = await import("node:http")
  await new Promise((resolve) => {
    request(`${origin}/v1/models`, { headers: { host: CODING } }, (response) => resolve(response.resume())).end()
  })
  expect(await log()).toMatchObject([{ host: new URL(origin).host }])
})

test.each([`/_hosts/${CODING}`, `/_hosts/${CODING}/_sim/log`, "/_hosts/example.com/v1/models", "/_hosts/", "/_hosts"])(
  "nothing is at %s",
  async (path) => {
    const { origin } = await simulatorUnderTest()
    expect((await fetch(origin + path)).status).toBe(404)
  },
)
