import { qrCode } from "../terminal/qr-code.ts"
import { formatCountdown, statusLine } from "../terminal/status-line.ts"
import { browserLocation, noBrowserReason } from "./browser-location.ts"
import type { LoginContext } from "./login-context.ts"

/**
 * Opens an address in the browser if there is one and the user allows it.
 * @returns whether it was opened; `why`: the reason if it was not, undefined if the user did not want it
 */
export async function openAddress(
  { world, values, signIn }: LoginContext,
  url: string,
): Promise<{ readonly opened: boolean; readonly why?: string }> {
  if (values["no-browser"] === true) return { opened: false }
  const location = browserLocation(world)
  if (location !== "here") return { opened: false, why: `${noBrowserReason(location)}: no browser is opened.` }
  try {
    await world.openInBrowser(url)
    return { opened: true }
  } catch (error) {
    signIn.platform.log.debug("The browser could not be opened.", { error })
    return { opened: false, why: "The browser could not be opened." }
  }
}

/** Shows an address, and as a QR code if the terminal is wide enough. */
export function showAddress({ world, output }: LoginContext, url: string, opened: boolean, qr: boolean): void {
  output.say(opened ? `The browser opens this address:\n\n  ${url}\n` : `Open this address in a browser:\n\n  ${url}\n`)
  const code = qr && !output.json ? qrCode(world, url) : undefined
  if (code !== undefined) output.say(`${code}\n`)
}

/**
 * Shows how much time is left while a task waits for the user, in one line that is rewritten. A pipe gets no line.
 * @param expiresAt epoch ms
 */
export async function withCountdown<T>(
  { world, signIn, output }: LoginContext,
  text: string,
  expiresAt: number,
  task: () => Promise<T>,
): Promise<T> {
  if (output.json) return task()
  const line = statusLine(world)
  const show = () => {
    const left = `${formatCountdown(expiresAt - signIn.platform.now())} left (Ctrl-C cancels)`
    line.show(`${text} ${left}`, left)
  }
  show()
  const stop = signIn.platform.setInterval(1_000, async () => show())
  try {
    return await task()
  } finally {
    stop()
    line.clear()
  }
}
