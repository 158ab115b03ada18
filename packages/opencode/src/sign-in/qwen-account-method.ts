import type { AuthHook } from "@opencode-ai/plugin"
import {
  type AuthorizationServer,
  type CredentialManager,
  type DeviceSignIn,
  QwenAuthError,
  startDeviceSignIn,
  type World,
} from "qwen-auth-core"
import { hostEntry } from "./host-entry.ts"
import { words } from "./words.ts"

type OAuthMethod = Extract<AuthHook["methods"][number], { type: "oauth" }>

/**
 * The sign-in method `Qwen Account (OAuth)`. One sign-in at a time: a new one ends the one before, and `cancel` ends
 * whichever runs. Failures are thrown with their reason, because OpenCode shows nothing else.
 */
export function qwenAccountMethod(
  world: World,
  server: AuthorizationServer,
  credentials: Pick<CredentialManager, "adopt">,
): { method: OAuthMethod; cancel: () => void } {
  let running: AbortController | undefined
  const method: OAuthMethod = {
    type: "oauth",
    label: "Qwen Account (OAuth)",
    async authorize() {
      running?.abort()
      const attempt = new AbortController()
      running = attempt
      const signIn = await told(startDeviceSignIn(world, server, attempt.signal))
      const { userCode, verificationUriComplete } = signIn.authorization
      let result: ReturnType<typeof finish> | undefined
      return {
        url: verificationUriComplete,
        // OpenCode's interface copies a code it finds here.
        instructions: `Approve in the browser and check that it shows this code: ${userCode}`,
        method: "auto",
        callback() {
          // OpenCode can call this twice for one sign-in: both get the one result.
          result ??= told(finish(world, signIn, credentials, attempt.signal))
          return result
        },
      }
    },
  }
  return { method, cancel: () => running?.abort() }
}

async function finish(
  world: World,
  signIn: DeviceSignIn,
  credentials: Pick<CredentialManager, "adopt">,
  signal: AbortSignal,
) {
  const credential = await signIn.wait(signal)
  await credentials.adopt(credential).catch((error: unknown) => {
    // OpenCode's own record still gets it, and seeds the file when that can be written again.
    world.log.warn("The sign-in could not be stored in its file.", { error })
  })
  return { type: "success" as const, ...hostEntry(credential) }
}

/** OpenCode prints the message of what is thrown, so the message has to say it all. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw QwenAuthError.isInstance(error) ? new Error(words(error), { cause: error }) : error
  }
}
