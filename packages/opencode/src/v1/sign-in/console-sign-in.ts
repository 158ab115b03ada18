import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { startConsoleSignIn } from "qwen-auth-core"
import { CONSOLE_SITE } from "../../shared/sign-in-texts.ts"
import { keyEntry } from "../host/host-record.ts"
import { beginSignIn } from "./begin-sign-in.ts"
import type { SignInOptions } from "./method.ts"
import { removeAccount } from "./remove-account.ts"

/**
 * Signs in through the Model Studio console.
 * @param site the console that the user chose; the international one by default
 */
export function signInThroughConsole(options: SignInOptions, site: string | undefined): Promise<AuthOAuthResult> {
  const { platform, attempts, notifyFailure } = options
  return beginSignIn(notifyFailure, async () => {
    const signal = attempts.begin()
    const console = site === "china" ? "china" : "international"
    const { url, wait } = await startConsoleSignIn({ platform, site: console, signal })
    return {
      url,
      instructions: CONSOLE_SITE.instructions,
      async finish() {
        const key = await wait(signal)
        await removeAccount(options)
        return { type: "success", ...keyEntry(key) }
      },
    }
  })
}
