import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { type ApiKeyCredential, type ConsoleSignIn, startConsoleSignIn } from "qwen-auth-core"
import { memoized } from "qwen-auth-local/memoized"
import { CONSOLE_SITE } from "../../shared/sign-in-texts.ts"
import { keyEntry } from "../host/host-record.ts"
import type { SignInOptions, SignInResult } from "./method.ts"
import { prepareForKey } from "./prepare-for-key.ts"
import { withUserMessage } from "./with-user-message.ts"

/**
 * Signs in through the Model Studio console.
 * @param site the console that the user chose; the international one by default
 */
export async function signInThroughConsole(options: SignInOptions, site: string | undefined): Promise<AuthOAuthResult> {
  const signal = options.attempts.begin()
  const console = site === "china" ? "china" : "international"
  const signIn = await withUserMessage(
    startConsoleSignIn({ platform: options.platform, site: console, signal }),
    options.notifyFailure,
  )
  return {
    url: signIn.url,
    instructions: CONSOLE_SITE.instructions,
    method: "auto",
    // OpenCode may call back twice for one sign-in.
    callback: memoized(() => withUserMessage(finish(options, signIn, signal), options.notifyFailure)),
  }
}

async function finish(options: SignInOptions, signIn: ConsoleSignIn, signal: AbortSignal): Promise<SignInResult> {
  const { apiKey, plan, region, baseUrl } = await signIn.wait(signal)
  const credential: ApiKeyCredential = { type: "api_key", apiKey, plan, region, baseUrl }
  await prepareForKey(options, { credential, models: [], checked: true })
  return { type: "success", ...keyEntry(credential) }
}
