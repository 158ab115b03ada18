import type { Page } from "playwright-core"
import { expect, onTestFinished, test } from "vitest"
import { describeInBrowser, focusOf, headingOf } from "../test-support/browser.ts"
import { type ProxiedSimulator, proxiedSimulator } from "../test-support/proxied-simulator.ts"
import { waitingProgram } from "../test-support/waiting-program.ts"

const CONSOLE = "https://modelstudio.console.alibabacloud.com"

describeInBrowser("the console's page", (open) => {
  /**
   * Opens the page under its real name. With the bypass, the page's call goes directly to loopback, as on a user's machine. Without it,
   * Playwright sends that call to the proxy too, which refuses it. Chromium (156, headless) needs no switch for local network access, because
   * a page that came through a proxy has no address space to compare.
   */
  async function openConsole(notice: string, simulator?: ProxiedSimulator) {
    const { proxy, log } = simulator ?? (await proxiedSimulator())
    const { context, page, complaints } = await open({
      proxy: { server: proxy, bypass: "127.0.0.1" },
      ignoreHTTPSErrors: true,
    })
    onTestFinished(() => context.close())
    await page.goto(`${CONSOLE}/console-login?notice=${notice}&needapikey=true`)
    return { page, log, complaints }
  }

  const press = (page: Page, name: string) => page.getByRole("button", { name }).click()

  test("Allow calls the program across origins with a preflight and shows that it took the key", async () => {
    const { notice, calls } = await waitingProgram({ origin: CONSOLE })
    const { page, log, complaints } = await openConsole(notice)
    await press(page, "Allow")
    await page.getByText("You can close this window").waitFor()
    expect(await headingOf(page)).toBe("Your app has its key")
    expect(await page.title()).toContain("Your app has its key")
    expect(await page.getByRole("button").count()).toBe(0)
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Your app has its key")
    expect(complaints).toEqual([])

    expect(calls.map(({ method, headers }) => [method, headers["origin"]])).toEqual([
      ["OPTIONS", CONSOLE],
      ["POST", CONSOLE],
    ])
    const { api_key } = JSON.parse(calls[1]?.body ?? "")
    expect(api_key).toMatch(/^sk-ws-/)
    expect(await page.content()).not.toContain(api_key)
    const made = { method: "POST", host: new URL(CONSOLE).host, path: "/console-login/key", proxied: true }
    expect((await log()).at(-1)).toMatchObject(made)
  })

  test("Cancel sends nothing", async () => {
    const { notice, calls } = await waitingProgram()
    const { page, log, complaints } = await openConsole(notice)
    await press(page, "Cancel")
    await page.getByText("Nothing was sent").waitFor()
    expect(await headingOf(page)).toBe("Cancelled")
    expect(calls).toEqual([])
    expect((await log()).map(({ path }) => path)).not.toContain("/console-login/key")
    expect(complaints).toEqual([])
  })

  test("the refusal of the program is shown", async () => {
    const { notice } = await waitingProgram({ status: 403 })
    const { page } = await openConsole(notice)
    await press(page, "Allow")
    await page.getByText("It refused").waitFor()
    expect(await headingOf(page)).toBe("Your app did not take the key")
  })

  test("a program that has ended is reported as not reachable", async () => {
    const { notice, end } = await waitingProgram()
    const { page } = await openConsole(notice)
    await end()
    await press(page, "Allow")
    await page.getByText("Check that your app still waits there").waitFor()
    expect(await headingOf(page)).toBe("Your app could not be reached")
  })

  test("a program whose preflight allows another origin gets no key", async () => {
    const { notice, calls } = await waitingProgram({ origin: "https://example.com" })
    const { page } = await openConsole(notice)
    await press(page, "Allow")
    await page.getByText("Check that your app still waits there").waitFor()
    expect(calls.map(({ method }) => method)).toEqual(["OPTIONS"])
  })

  test("the page shows that it waits for the program, and no button can be pressed twice", async () => {
    const { notice, release, calls } = await waitingProgram({ waits: true })
    const { page } = await openConsole(notice)
    await press(page, "Allow")
    await page.getByRole("status").getByText("Handing the key to your app").waitFor()
    for (const name of ["Allow", "Cancel"]) {
      expect(await page.getByRole("button", { name }).isDisabled()).toBe(true)
    }
    release()
    await page.getByText("You can close this window").waitFor()
    expect(calls.map(({ method }) => method)).toEqual(["OPTIONS", "POST"])
  })

  test("a console without a new key says so", async () => {
    const simulator = await proxiedSimulator()
    const { notice, calls } = await waitingProgram()
    const { page } = await openConsole(notice, simulator)
    await page.route("**/console-login/key", (route) => route.abort())
    await press(page, "Allow")
    await page.getByText("Reload this page").waitFor()
    expect(await headingOf(page)).toBe("No key could be made")
    expect(calls).toEqual([])
  })

  test("the keyboard reaches Allow before Cancel, with a visible focus", async () => {
    const { notice, calls } = await waitingProgram()
    const { page } = await openConsole(notice)
    await page.keyboard.press("Tab")
    expect(await focusOf(page)).toEqual(["Allow", "solid"])
    await page.keyboard.press("Tab")
    expect(await focusOf(page)).toEqual(["Cancel", "solid"])
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.getByText("You can close this window").waitFor()
    expect(calls).toHaveLength(2)
  })

  test("the page fits a small screen", async () => {
    const { page } = await openConsole((await waitingProgram()).notice)
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320)
  })
})
