import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import { objectIn, simulatorUnderTest } from "../test-support/simulator-under-test.ts"
import { STATE } from "../test-support/waiting-program.ts"

const LINK = `/console-login?notice=127.0.0.1:40123?state=${STATE}&needapikey=true`

async function shown(query: string, host = "modelstudio.console.alibabacloud.com") {
  const { origin } = await simulatorUnderTest()
  const response = await fetch(`${origin}/_hosts/${host}${query}`)
  const html = await response.text()
  return { status: response.status, headers: response.headers, html, heading: /<h1>(.*)<\/h1>/.exec(html)?.[1] }
}

test.each([
  ["modelstudio.console.alibabacloud.com", "Alibaba Cloud Model Studio (international)"],
  ["bailian.console.aliyun.com", "Alibaba Cloud Bailian (China)"],
])("%s says which site it is and what the program gets", async (host, site) => {
  const { status, html, heading } = await shown(LINK, host)
  expect([status, heading]).toEqual([200, "Give your app an API key?"])
  for (const text of [site, host, "127.0.0.1:40123", "pay-as-you-go API key", "cost money"]) {
    expect(html.replaceAll("<wbr>", "")).toContain(text)
  }
  expect(html).toMatch(/<button[^>]*>Allow<\/button>\s*<button[^>]*>Cancel<\/button>/)
})

test("an encoded notice is read as well", async () => {
  const notice = encodeURIComponent(`127.0.0.1:40123?state=${STATE}`)
  expect((await shown(`/console-login?needapikey=true&notice=${notice}`)).status).toBe(200)
})

test.each([
  "/console-login",
  LINK.replace("127.0.0.1", "example.com"),
  LINK.replace("40123", "99999"),
  LINK.replace("40123", "40123/x"),
  LINK.replace(STATE, "short"),
  LINK.replace(STATE, "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"),
  LINK.replace("&needapikey=true", ""),
])("%s is no sign-in link, and the page repeats nothing of it", async (link) => {
  const { status, html, heading } = await shown(link)
  expect([status, heading]).toEqual([400, "This is not a sign-in link"])
  expect(html).not.toMatch(/<script|<button|40123|example\.com/)
})

test("the page may run its own script, and call itself and the program only", async () => {
  const { headers, html } = await shown(LINK)
  const hashOf = (tag: string) => {
    const text = new RegExp(`<${tag}>([\\s\\S]*)</${tag}>`).exec(html)?.[1] ?? ""
    return `'sha256-${createHash("sha256").update(text).digest("base64")}'`
  }
  expect(headers.get("content-security-policy")).toBe(
    `default-src 'none'; style-src ${hashOf("style")}; script-src ${hashOf("script")}; ` +
      "connect-src 'self' http://127.0.0.1:40123; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  )
  expect(headers.get("cache-control")).toBe("no-store")
  expect(html).not.toMatch(/src=|href=|url\(|onclick/)
})

test("the consoles have nothing else, and no other host has a console", async () => {
  const { origin } = await simulatorUnderTest()
  const status = async (path: string, method = "GET") => (await fetch(origin + path, { method })).status
  expect(await status("/_hosts/bailian.console.aliyun.com/v1/models")).toBe(404)
  expect(await status("/_hosts/bailian.console.aliyun.com/console-login/key")).toBe(405)
  expect(await status(LINK)).toBe(404)
  expect(await status(`/_hosts/chat.qwen.ai${LINK}`)).toBe(404)
})

test("each press of Allow creates a new key", async () => {
  const { origin } = await simulatorUnderTest()
  const url = `${origin}/_hosts/bailian.console.aliyun.com/console-login/key`
  const made = async () => objectIn(await (await fetch(url, { method: "POST" })).json())
  const [first, second] = [await made(), await made()]
  expect(first).toMatchObject({ api_key: expect.stringMatching(/^sk-ws-/), console_site: "china" })
  expect(second).not.toMatchObject({ api_key: first["api_key"] })
})
