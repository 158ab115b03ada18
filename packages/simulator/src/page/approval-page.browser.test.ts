import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { args, executablePath, present, skipped } from "../test-support/chromium.ts"
import { type SimulatorUnderTest, simulatorUnderTest } from "../test-support/simulator-under-test.ts"

describe.skipIf(!present)(`the approval page in Chromium${skipped}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args })
  }, 30_000)

  afterAll(() => browser.close())

  /** Opens a new sign-in's page; whatever the browser complains about fails the test. */
  async function opened(options: { javaScriptEnabled?: boolean } = {}) {
    const simulator = await simulatorUnderTest()
    const { body } = await simulator.requestDeviceCode()
    const context = await browser.newContext(options)
    const page = await context.newPage()
    const complaints: string[] = []
    page.on("console", (message) => complaints.push(message.text()))
    page.on("pageerror", (error) => complaints.push(error.message))
    await page.goto(String(body["verification_uri_complete"]))
    onTestFinished(async () => {
      await context.close()
      expect(complaints).toEqual([])
    })
    return { simulator, page, deviceCode: body["device_code"], userCode: String(body["user_code"]) }
  }

  async function polled(simulator: SimulatorUnderTest, deviceCode: unknown): Promise<unknown> {
    const { status, body } = await simulator.poll(deviceCode)
    return body["error"] ?? status
  }

  const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent()

  test("Approve signs in, without JavaScript", async () => {
    const { simulator, page, deviceCode, userCode } = await opened({ javaScriptEnabled: false })
    expect(await page.getByText(userCode, { exact: true }).isVisible()).toBe(true)
    await page.getByRole("button", { name: "Approve" }).click()
    expect(await page.getByRole("status").textContent()).toContain("go back to your app")
    expect(await heading(page)).toBe("You are signed in")
    expect(await polled(simulator, deviceCode)).toBe(200)
  })

  test("Deny refuses", async () => {
    const { simulator, page, deviceCode } = await opened()
    await page.getByRole("button", { name: "Deny" }).click()
    expect(await heading(page)).toBe("Access denied")
    expect(await page.getByRole("alert").isVisible()).toBe(true)
    expect(await polled(simulator, deviceCode)).toBe("access_denied")
  })

  test("a code that expired while the page was open is reported when pressing Approve", async () => {
    const { simulator, page, deviceCode } = await opened()
    simulator.clock.advance(900)
    await page.getByRole("button", { name: "Approve" }).click()
    expect(await heading(page)).toBe("This code has expired")
    expect(await polled(simulator, deviceCode)).toBe("invalid_grant")
  })

  test("by keyboard alone: type the code, then Approve comes before Deny, focus always visible", async () => {
    const { simulator, page, deviceCode, userCode } = await opened()
    await page.goto(`${simulator.origin}/authorize`)
    const focused = () =>
      page.evaluate("[document.activeElement.innerText, getComputedStyle(document.activeElement).outlineStyle]")

    await page.locator("#user_code:focus").waitFor()
    await page.keyboard.type(userCode.replace("-", "").toLowerCase())
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Sign in to your app?" }).waitFor()
    await page.keyboard.press("Tab")
    expect(await focused()).toEqual(["Approve", "solid"])
    await page.keyboard.press("Tab")
    expect(await focused()).toEqual(["Deny", "solid"])
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.getByRole("status").waitFor()
    expect(await polled(simulator, deviceCode)).toBe(200)
  })

  test("the style arrives, and the page fits a small screen", async () => {
    const { page } = await opened()
    expect(await page.evaluate("getComputedStyle(document.querySelector('button')).cursor")).toBe("pointer")
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320)
  })
})
