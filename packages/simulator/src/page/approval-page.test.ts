import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import { type SimulatorUnderTest, simulatorUnderTest } from "../test-support/simulator-under-test.ts"

interface Page {
  status: number
  headers: Headers
  html: string
  heading: string | undefined
}

async function pageOf(response: Response): Promise<Page> {
  const html = await response.text()
  return { status: response.status, headers: response.headers, html, heading: /<h1>(.*)<\/h1>/.exec(html)?.[1] }
}

/** Loads the page of a user code. */
async function load({ origin }: SimulatorUnderTest, userCode: unknown): Promise<Page> {
  return pageOf(await fetch(`${origin}/authorize?${new URLSearchParams({ user_code: String(userCode) })}`))
}

/** Presses a button on the page. */
async function press({ origin }: SimulatorUnderTest, userCode: unknown, decision: string): Promise<Page> {
  const body = new URLSearchParams({ user_code: String(userCode), decision })
  return pageOf(await fetch(`${origin}/authorize`, { method: "POST", body }))
}

test("a pending sign-in shows its code, its scopes and two buttons", async () => {
  const simulator = await simulatorUnderTest()
  const { body } = await simulator.requestDeviceCode({ scope: "openid model.completion" })
  const page = await pageOf(await fetch(String(body["verification_uri_complete"])))
  expect(page.status).toBe(200)
  expect(page.html).toContain(`<p class="code">${body["user_code"]}</p>`)
  expect(page.html).toContain("Send requests to Qwen models for you")
  expect(page.html).not.toContain("See your e-mail address")
  expect(page.html).toMatch(/value="approve"[^>]*>Approve<\/button>\s*<button name="decision" value="deny">Deny/)
  expect(page.html).toContain("This is a simulator")
})

test("approving shows the result at once, and the app gets its tokens", async () => {
  const simulator = await simulatorUnderTest()
  const { body } = await simulator.requestDeviceCode()
  expect((await press(simulator, body["user_code"], "approve")).heading).toBe("You are signed in")
  expect((await load(simulator, body["user_code"])).heading).toBe("You are signed in")
  expect((await simulator.poll(body["device_code"])).status).toBe(200)
  expect((await load(simulator, body["user_code"])).heading).toBe("This code was already used")
})

test("denying shows the result and cannot be undone", async () => {
  const simulator = await simulatorUnderTest()
  const { body } = await simulator.requestDeviceCode()
  expect((await press(simulator, body["user_code"], "deny")).heading).toBe("Access denied")
  expect((await press(simulator, body["user_code"], "approve")).heading).toBe("Access denied")
})

test("an expired code cannot be approved", async () => {
  const simulator = await simulatorUnderTest()
  const { body } = await simulator.requestDeviceCode()
  simulator.clock.advance(900)
  const page = await load(simulator, body["user_code"])
  expect(page.heading).toBe("This code has expired")
  expect(page.html).not.toContain("<button")
  expect((await press(simulator, body["user_code"], "approve")).heading).toBe("This code has expired")
})

test("a form without a decision changes nothing", async () => {
  const simulator = await simulatorUnderTest()
  const { body } = await simulator.requestDeviceCode()
  expect((await press(simulator, body["user_code"], "maybe")).heading).toBe("Sign in to your app?")
})

test("without a code the page requests one, which may have any case and punctuation", async () => {
  const simulator = await simulatorUnderTest()
  const { body } = await simulator.requestDeviceCode()
  const page = await pageOf(await fetch(`${simulator.origin}/authorize`))
  expect(page).toMatchObject({ status: 200, heading: "Connect an app" })
  expect(page.html).toMatch(/<label for="user_code">.*<\/label>\s*<input id="user_code" name="user_code"/)
  const typed = String(body["user_code"]).toLowerCase().replace("-", " ")
  expect((await load(simulator, typed)).heading).toBe("Sign in to your app?")
})

test("an unknown code is shown, escaped, with a field to try again", async () => {
  const simulator = await simulatorUnderTest()
  for (const page of [await load(simulator, `"><b>&'`), await press(simulator, `"><b>&'`, "approve")]) {
    expect(page.status).toBe(404)
    expect(page.html).toContain('role="alert"')
    expect(page.html).toContain('value="&quot;&gt;&lt;b&gt;&amp;&#39;"')
    expect(page.html).not.toContain("<b>")
  }
})

test("the page permits only its own style and forms", async () => {
  const simulator = await simulatorUnderTest()
  const { headers, html } = await load(simulator, "")
  const style = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] ?? ""
  const hash = createHash("sha256").update(style).digest("base64")
  expect(headers.get("content-security-policy")).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  )
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8")
  expect(headers.get("cache-control")).toBe("no-store")
  expect(html).toMatch(/^<!doctype html>\n<html lang="en">/)
  expect(html).not.toMatch(/<script|src=|href=|url\(/)
})
