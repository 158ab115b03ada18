import { existsSync } from "node:fs"
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, describe } from "vitest"

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium"
const present = existsSync(executablePath)

/** Arguments for a browser that sends no background requests. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

/** A new page in its own context. The caller closes the context. */
interface OpenedPage {
  context: BrowserContext
  page: Page
  /** The messages and errors of the page in the browser's console. */
  complaints: string[]
}

/** Describes a page in a real browser. The suite is skipped without Chromium. */
export function describeInBrowser(
  title: string,
  tests: (open: (options?: BrowserContextOptions) => Promise<OpenedPage>) => void,
): void {
  const suffix = present ? "" : ` (skipped: no ${executablePath})`
  describe.skipIf(!present)(`${title} in Chromium${suffix}`, () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args })
    }, 30_000)
    afterAll(() => browser.close())
    tests(async (options = {}) => {
      const context = await browser.newContext(options)
      const page = await context.newPage()
      const complaints: string[] = []
      page.on("console", (message) => complaints.push(message.text()))
      page.on("pageerror", (error) => complaints.push(error.message))
      return { context, page, complaints }
    })
  })
}

/** The text of the page's heading. */
export function headingOf(page: Page): Promise<string | null> {
  return page.getByRole("heading", { level: 1 }).textContent()
}

/** The text and the outline style of the focused element. */
export function focusOf(page: Page): Promise<unknown> {
  return page.evaluate("[document.activeElement.innerText, getComputedStyle(document.activeElement).outlineStyle]")
}
