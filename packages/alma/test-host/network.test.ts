import { once } from "node:events"
import { createServer } from "node:http"
import { expect, onTestFinished, test } from "vitest"
import { throughSimulator } from "./network.ts"
import { hostWith, manifest, messageOf, provider, source } from "./plugin-fixture.ts"

const ASK = "const answer = await fetch(given, { headers: { authorization: 'Bearer secret' } }); return answer.text()"
const echo = async () => new Response("from the test")
const permitting = (...permissions: readonly string[]) =>
  manifest({ permissions: ["providers:manage", ...permissions] })

test("requests to permitted hosts are sent and recorded", async () => {
  const host = await hostWith({ main: source(ASK) }, { fetch: echo })
  expect(await host.run("demo.run", "https://api.test/v1/models?a=b")).toBe("from the test")
  expect(host.requests).toMatchObject([
    { url: "https://api.test/v1/models?a=b", host: "api.test", method: "GET", body: undefined, outcome: 200 },
  ])
  expect(host.requests[0]?.headers.get("authorization")).toBe("Bearer secret")
  await host.close()
})

test.each([
  ["https://api.test", ["network:domain:api.test"], "without network:fetch."],
  ["https://api.test", ["network:fetch"], "without network:domain:api.test."],
  ["https://other.test", ["network:fetch", "network:domain:api.test"], "without network:domain:other.test."],
  ["https://eu.api.test", ["network:fetch", "network:domain:api.test"], "without network:domain:eu.api.test."],
  ["https://api.test", ["network:fetch", "network:domain:*.api.test"], "without network:domain:api.test."],
  ["https://evilapi.test", ["network:fetch", "network:domain:*.api.test"], "without network:domain:evilapi.test."],
  ["https://api.test.evil", ["network:fetch", "network:domain:*.api.test"], "without network:domain:api.test.evil."],
  ["http://api.test", ["network:fetch", "network:domain:api.test"], "only https on port 443."],
  ["https://api.test:8443", ["network:fetch", "network:domain:api.test"], "only https on port 443."],
])("refuses %s with %j", async (url, permissions, refusal) => {
  const host = await hostWith({ manifest: permitting(...permissions), main: source(ASK) }, { fetch: echo })
  expect(await messageOf(host.run("demo.run", url))).toContain(refusal)
  expect(host.requests).toMatchObject([{ outcome: "refused" }])
  expect(host.takeViolations()).toHaveLength(1)
})

test("*.host permits all hosts below it", async () => {
  const permitted = permitting("network:fetch", "network:domain:*.api.test")
  const host = await hostWith({ manifest: permitted, main: source(ASK) }, { fetch: echo })
  expect(await host.run("demo.run", "https://a.eu.api.test/")).toBe("from the test")
  await host.close()
})

test("no request leaves this machine", async () => {
  const host = await hostWith({ main: source(ASK) })
  expect(await messageOf(host.run("demo.run", "https://api.test/"))).toContain("the test has no route and no fetch")
  host.takeViolations()
})

test("redirects are not followed", async () => {
  const away = async () => new Response(null, { status: 302, headers: { location: "https://evil.test/" } })
  const host = await hostWith(
    { main: source("return (await fetch('https://api.test/', given)).status") },
    { fetch: away },
  )
  expect(await messageOf(host.run("demo.run"))).toBe(
    "api.test redirects, and the plugin follows redirects to any host.",
  )
  host.takeViolations()
  expect(await host.run("demo.run", { redirect: "manual" })).toBe(302)
  await host.close()
})

test("the simulator serves the real hosts, and the plugin reads their names", async () => {
  const server = createServer((request, response) => {
    const text = JSON.stringify({ path: request.url, next: `${origin}/_hosts/api.test/authorize` })
    response.setHeader("content-type", "application/json").end(text)
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(() => void server.close())
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`
  const host = await hostWith({ main: source(ASK) }, throughSimulator(origin))
  expect(JSON.parse(String(await host.run("demo.run", "https://api.test/oauth?a=b")))).toEqual({
    path: "/_hosts/api.test/oauth?a=b",
    next: "https://api.test/authorize",
  })
  // The test's own requests are not recorded.
  expect((await fetch(`${origin}/own`)).status).toBe(200)
  expect(host.requests).toHaveLength(1)
  await host.close()
})

test("requests through the SDK's fetch and from timers are recorded as the plugin's", async () => {
  const raw = "getSDKConfig: async () => ({ apiKey: 'a', baseURL: 'https://api.test/v1', fetch })"
  const later = "await new Promise((resolve) => setTimeout(resolve, 1)).then(() => fetch('https://api.test/later'))"
  const host = await hostWith({ main: source(later, provider(raw)) }, { fetch: echo })
  const { baseURL, fetch: sdkFetch } = await host.provider().getSDKConfig()
  await sdkFetch(`${baseURL}/chat/completions`, { method: "POST", body: '{"model":"m"}' })
  await host.run("demo.run")
  expect(host.requests).toMatchObject([
    { url: "https://api.test/v1/chat/completions", method: "POST", body: '{"model":"m"}' },
    { url: "https://api.test/later" },
  ])
  await host.close()
})

test.each([
  ["https://a.eu.api.test/", ["network:domain:api.test"], true],
  ["https://api.test/", ["network:domain:api.test"], true],
  ["https://a.api.test/", ["network:domain:*.api.test"], false],
  ["https://evilapi.test/", ["network:domain:api.test"], false],
])("where parents count, %s with %j is permitted: %s", async (url, domains, permitted) => {
  const files = { manifest: permitting("network:fetch", ...domains), main: source(ASK) }
  const host = await hostWith(files, { fetch: echo, behaviour: { domains: "parents" } })
  expect((await messageOf(host.run("demo.run", url))) === "nothing was refused").toBe(permitted)
  expect(host.takeViolations()).toHaveLength(permitted ? 0 : 1)
})
