import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { type ApiKeyCredential, type ConsoleSignIn, PAY_AS_YOU_GO, startConsoleSignIn } from "qwen-auth-core"
import { keyEntry } from "../credentials/host-record.ts"
import { COST } from "./console-method.ts"
import { keyStored } from "./key-stored.ts"
import { once, type SignInResult } from "./method.ts"
import type { SignInOptions } from "./methods.ts"
import { told } from "./told.ts"

/** @param site what the person chose; the international console when nothing was */
export async function signInThroughConsole(options: SignInOptions, site: string | undefined): Promise<AuthOAuthResult> {
  const signal = options.attempts.begin()
  const where = site === "china" ? "china" : "international"
  const signIn = await told(startConsoleSignIn(options.world, where, {}, signal), options.tell)
  return {
    url: signIn.url,
    instructions:
      `Sign in and approve in a browser on this computer; if it asks to reach apps on this device, allow it. Then ${COST}. ` +
      "Over SSH or in a container choose Model Studio API key instead.",
    method: "auto",
    callback: once(() => told(finish(options, signIn, signal), options.tell)),
  }
}

async function finish(options: SignInOptions, signIn: ConsoleSignIn, signal: AbortSignal): Promise<SignInResult> {
  const { apiKey, baseUrl, site } = await signIn.wait(signal)
  const credential: ApiKeyCredential = { type: "api_key", apiKey, plan: PAY_AS_YOU_GO.id, region: site, baseUrl }
  await keyStored(options, { credential, models: [], checked: true })
  return { type: "success", ...keyEntry(credential) }
}
