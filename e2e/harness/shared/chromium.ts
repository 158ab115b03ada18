import { existsSync } from "node:fs"
import { type BrowserContext, chromium } from "playwright-core"

const PROGRAM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium"

/** Why tests in a real browser cannot run here; `undefined` if they can. */
export const chromiumMissing = existsSync(PROGRAM) ? undefined : `needs ${PROGRAM}`

/** Arguments for a browser that sends no background requests. */
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

/**
 * Runs a task in a real browser. It reaches the real host names through the simulator's proxy, and this machine directly.
 * @param proxy the URL of the simulator's proxy
 */
export async function withBrowser(proxy: string, task: (context: BrowserContext) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: PROGRAM, args: ARGS })
  try {
    // Without the bypass, Playwright sends requests to this machine to the proxy too.
    await task(await browser.newContext({ proxy: { server: proxy, bypass: "127.0.0.1" }, ignoreHTTPSErrors: true }))
  } finally {
    await browser.close()
  }
}
