import { expect, onTestFinished, test } from "vitest"
import { describeInBrowser, focusOf, headingOf } from "../test-support/browser.ts"
import { type SimulatorUnderTest, simulatorUnderTest } from "../test-support/simulator-under-test.ts"

describeInBrowser("the approval page", (open) => {
  /** Opens the page of a new sign-in. A complaint of the browser fails the test. */
  async function openSignIn(options: { javaScriptEnabled?: boolean } = {}) {
    const simulator = await simulatorUnderTest()
    const { body } = await simulator.requestDeviceCode()
    const { context, page, complaints } = await open(options)
    await page.goto(String(body["verification_uri_complete"]))
    onTestFinished(async () => {
      await context.close()
      expect(complaints).toEqual([])
    })
    return { simulator, page, deviceCode: body["device_code"], userCode: String(body["user_code"]) }
  }

  /** The error or the status of a poll. */
  async function pollResult(simulator: SimulatorUnderTest, deviceCode: unknown): Promise<unknown> {
    const { status, body } = await simulator.poll(deviceCode)
    return body["error"] ?? status
  }

  test("Approve signs in without JavaScript", async () => {
    const { simulator, page, deviceCode, userCode } = await openSignIn({ javaScriptEnabled: false })
    expect(await page.getByText(userCode, { exact: true }).isVisible()).toBe(true)
    await page.getByRole("button", { name: "Approve" }).click()
    expect(await page.getByRole("status").textContent()).toContain("go back to your app")
    expect(await headingOf(page)).toBe("You are signed in")
    expect(await pollResult(simulator, deviceCode)).toBe(200)
  })

  test("Deny refuses", async () => {
    const { simulator, page, deviceCode } = await openSignIn()
    await page.getByRole("button", { name: "Deny" }).click()
    expect(await headingOf(page)).toBe("Access denied")
    expect(await page.getByRole("alert").isVisible()).toBe(true)
    expect(await pollResult(simulator, deviceCode)).toBe("access_denied")
  })

  test("a code that expired while the page was open is reported when pressing Approve", async () => {
    const { simulator, page, deviceCode } = await openSignIn()
    simulator.clock.advance(900)
    await page.getByRole("button", { name: "Approve" }).click()
    expect(await headingOf(page)).toBe("This code has expired")
    expect(await pollResult(simulator, deviceCode)).toBe("invalid_grant")
  })

  test("the keyboard enters the code and reaches Approve before Deny, with a visible focus", async () => {
    const { simulator, page, deviceCode, userCode } = await openSignIn()
    await page.goto(`${simulator.origin}/authorize`)
    await page.locator("#user_code:focus").waitFor()
    await page.keyboard.type(userCode.replace("-", "").toLowerCase())
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Sign in to your app?" }).waitFor()
    await page.keyboard.press("Tab")
    expect(await focusOf(page)).toEqual(["Approve", "solid"])
    await page.keyboard.press("Tab")
    expect(await focusOf(page)).toEqual(["Deny", "solid"])
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.getByRole("status").waitFor()
    expect(await pollResult(simulator, deviceCode)).toBe(200)
  })

  test("the style is applied, and the page fits a small screen", async () => {
    const { page } = await openSignIn()
    expect(await page.evaluate("getComputedStyle(document.querySelector('button')).cursor")).toBe("pointer")
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320)
  })
})
