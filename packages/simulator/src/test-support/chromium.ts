import { existsSync } from "node:fs"

/** The path of Chromium. */
export const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium"

export const present = existsSync(executablePath)

/** The suffix of a suite's name when it is skipped without a browser. */
export const skipped = present ? "" : ` (skipped: no ${executablePath})`

/** Starts a browser that sends no background requests. */
export const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]
