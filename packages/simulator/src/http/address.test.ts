import { expect, test } from "vitest"
import { simulatorUnderTest } from "../test-support/simulator-under-test.ts"

const TOKEN_PLAN = "token-plan.cn-beijing.maas.aliyuncs.com"

test("a client without a proxy names the host in the path", async () => {
  const { origin, log, apiKey } = await simulatorUnderTest()
  const headers = { authorization: `Bearer ${await apiKey({ plan: "token", region: "china" })}` }
  expect((await fetch(`${origin}/_hosts/${TOKEN_PLAN}/compatible-mode/v1/models?a=b`, { headers })).status).toBe(200)
  expect((await fetch(`${origin}/v1/models`, { headers })).status).toBe(401)
  expect(await log()).toMatchObject([
    { host: TOKEN_PLAN, path: "/compatible-mode/v1/models", query: { a: "b" }, status: 200 },
    { host: new URL(origin).host, path: "/v1/models", status: 401 },
  ])
  expect((await log())[0]).not.toHaveProperty("proxied")
})

test("a Host header alone does not select a host", async () => {
  const { origin, log } = await simulatorUnderTest()
  const { request } = await import("node:http")
  await new Promise((resolve) => {
    request(`${origin}/v1/models`, { headers: { host: TOKEN_PLAN } }, (response) => resolve(response.resume())).end()
  })
  expect(await log()).toMatchObject([{ host: new URL(origin).host }])
})

test.each([
  `/_hosts/${TOKEN_PLAN}`,
  `/_hosts/${TOKEN_PLAN}/_sim/log`,
  "/_hosts/example.com/v1/models",
  "/_hosts/",
  "/_hosts",
])("nothing is at %s", async (path) => {
  const { origin } = await simulatorUnderTest()
  expect((await fetch(origin + path)).status).toBe(404)
})
