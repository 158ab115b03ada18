import { type ConsoleSite, startConsoleSignIn } from "qwen-auth-core"
import { UsageError } from "../command-error.ts"
import { textOf } from "../commands/command.ts"
import { CONSOLE_KEY_COST } from "../messages.ts"
import { browserLocation, noBrowserReason } from "./browser-location.ts"
import type { LoginContext } from "./login-context.ts"
import { openAddress, showAddress, withCountdown } from "./show-address.ts"
import { storeKey } from "./store-sign-in.ts"

const TIMEOUT_MS = 15 * 60_000

/**
 * Signs in through the Qwen Cloud (Model Studio) console: its page sends a key to this computer.
 * @throws QwenAuthError `console_sign_in_failed`, `console_sign_in_expired`, `credential_not_stored`, `aborted`
 */
export async function loginThroughConsole(context: LoginContext): Promise<void> {
  const { world, signIn, output, signal } = context
  const site = siteOf(textOf(context.values, "region"))
  const location = browserLocation(world)
  // The console's page calls 127.0.0.1, which is the computer of the browser.
  if (location === "ssh" || location === "container")
    output.say(
      `${noBrowserReason(location)}. The address works only in a browser on this computer: ` +
        "if you have none, cancel and run: qwen-auth login --key",
    )
  output.say(
    `Sign in and approve in the browser; if it asks to reach apps on this device, allow it. Note: ${CONSOLE_KEY_COST}.`,
  )
  const expiresAt = signIn.platform.now() + TIMEOUT_MS
  const started = await startConsoleSignIn({ platform: signIn.platform, site, signal, timeoutMs: TIMEOUT_MS })
  try {
    const { opened, why } = await openAddress(context, started.url)
    output.event("console", { url: started.url, expiresAt: new Date(expiresAt).toISOString(), browserOpened: opened })
    if (why !== undefined && location === "no-display") output.say(why)
    // A phone's browser is not on this computer, so there is no QR code.
    showAddress(context, started.url, opened, false)
    const wait = () => started.wait(signal)
    const credential = await withCountdown(context, "Waiting for the console:", expiresAt, wait)
    await storeKey(context, credential, [], true)
  } finally {
    await started.close()
  }
}

function siteOf(region: string | undefined): ConsoleSite {
  if (region === undefined || region === "international") return "international"
  if (region === "china") return "china"
  throw new UsageError("The console is in one of two regions. Use --region international or --region china")
}
