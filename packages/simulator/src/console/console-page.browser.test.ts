import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { args, executablePath, present, skipped } from "../test-support/chromium.ts"
import { type ProxiedSimulator, proxiedSimulator } from "../test-support/proxied-simulator.ts"
import { waitingProgram } from "../test-support/waiting-program.ts"

const CONSOLE = "https://modelstudio.console.alibabacloud.com"

describe.skipIf(!present)(`the console's page in Chromium${skipped}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args })
  }, 30_000)

  afterAll(() => browser.close())

  /**
   * Opens the page under its real name. The bypass lets the page's call go straight to loopback as on a person's machine:
   * without it Playwright sends even that to the proxy, which refuses it. Chromium (156, headless) then makes the call
   * without any switch for local network access, as a page that came through a proxy has no address space to compare.
   */
  async function opened(notice: string, simulator?: ProxiedSimulator) {
    const { proxy, log } = simulator ?? (await proxiedSimulator())
    const context = await browser.newContext({
      proxy: { server: proxy, bypass: "127.0.0.1" },
      ignoreHTTPSErrors: true,
    })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const complaints: string[] = []
    page.on("console", (message) => complaints.push(message.text()))
    page.on("pageerror", (error) => complaints.push(error.message))
    await page.goto(`${CONSOLE}/console-login?notice=${notice}&needapikey=true`)
    return { page, log, complaints }
  }

  const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent()
  const press = (page: Page, name: string) => page.getByRole("button", { name }).click()

  test("Allow calls the program across origins, with a preflight, and says that it took the key", async () => {
    const { notice, calls } = await waitingProgram({ origin: CONSOLE })
    const { page, log, complaints } = await opened(notice)
    await press(page, "Allow")
    await page.getByText("You can close this window").waitFor()
    expect(await heading(page)).toBe("Your app has its key")
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
    const { page, log, complaints } = await opened(notice)
    await press(page, "Cancel")
    await page.getByText("Nothing was sent").waitFor()
    expect(await heading(page)).toBe("Cancelled")
    expect(calls).toEqual([])
    expect((await log()).map(({ path }) => path)).not.toContain("/console-login/key")
    expect(complaints).toEqual([])
  })

  test("a program that refuses is told apart from one that took it", async () => {
    const { notice } = await waitingProgram({ status: 403 })
    const { page } = await opened(notice)
    await press(page, "Allow")
    await page.getByText("It refused").waitFor()
    expect(await heading(page)).toBe("Your app did not take the key")
  })

  test("a program that is gone could not be reached", async () => {
    const { notice, end } = await waitingProgram()
    const { page } = await opened(notice)
    await end()
    await press(page, "Allow")
    await page.getByText("Check that your app still waits there").waitFor()
    expect(await heading(page)).toBe("Your app could not be reached")
  })

  test("a program whose preflight allows another origin gets no key", async () => {
    const { notice, calls } = await waitingProgram({ origin: "https://example.com" })
    const { page } = await opened(notice)
    await press(page, "Allow")
    await page.getByText("Check that your app still waits there").waitFor()
    expect(calls.map(({ method }) => method)).toEqual(["OPTIONS"])
  })

  test("while it waits for the program it says so, and nothing can be pressed twice", async () => {
    const { notice, release, calls } = await waitingProgram({ held: true })
    const { page } = await opened(notice)
    await press(page, "Allow")
    await page.getByRole("status").getByText("Handing the key to your app").waitFor()
    for (const name of ["Allow", "Cancel"]) {
      expect(await page.getByRole("button", { name }).isDisabled()).toBe(true)
    }
    release()
    await page.getByText("You can close this window").waitFor()
    expect(calls.map(({ method }) => method)).toEqual(["OPTIONS", "POST"])
  })

  test("a console that makes no key says so", async () => {
    const simulator = await proxiedSimulator()
    const { notice, calls } = await waitingProgram()
    const { page } = await opened(notice, simulator)
    await page.route("**/console-login/key", (route) => route.abort())
    await press(page, "Allow")
    await page.getByText("Reload this page").waitFor()
    expect(await heading(page)).toBe("No key could be made")
    expect(calls).toEqual([])
  })

  test("by keyboard alone: Allow comes before Cancel, focus always visible", async () => {
    const { notice, calls } = await waitingProgram()
    const { page } = await opened(notice)
    const focused = () =>
      page.evaluate("[document.activeElement.innerText, getComputedStyle(document.activeElement).outlineStyle]")
    await page.keyboard.press("Tab")
    expect(await focused()).toEqual(["Allow", "solid"])
    await page.keyboard.press("Tab")
    expect(await focused()).toEqual(["Cancel", "solid"])
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.getByText("You can close this window").waitFor()
    expect(calls).toHaveLength(2)
  })

  test("the page fits a small screen", async () => {
    const { page } = await opened((await waitingProgram()).notice)
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320)
  })
})
