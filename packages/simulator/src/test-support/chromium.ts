import { existsSync } from "node:fs"

/** Where Chromium is. */
export const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium"

export const present = existsSync(executablePath)

/** What to add to a suite's name when it is skipped for lack of a browser. */
export const skipped = present ? "" : ` (skipped: no ${executablePath})`

/** A browser that makes no request of its own. */
export const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]
