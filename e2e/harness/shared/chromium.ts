import { existsSync } from "node:fs"
import { type BrowserContext, chromium } from "playwright-core"

const PROGRAM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium"

/** Why there is no browser here, if so. */
export const chromiumMissing = existsSync(PROGRAM) ? undefined : `needs ${PROGRAM}`

/** A browser that makes no request of its own. */
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

/**
 * Runs a task in a real browser that reaches the simulator through its proxy and this machine directly, as a person's does.
 * @param proxy the simulator's
 */
export async function withBrowser(proxy: string, task: (context: BrowserContext) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: PROGRAM, args: ARGS })
  try {
    // Without the bypass Playwright sends calls to this machine to the proxy too.
    await task(await browser.newContext({ proxy: { server: proxy, bypass: "127.0.0.1" }, ignoreHTTPSErrors: true }))
  } finally {
    await browser.close()
  }
}
