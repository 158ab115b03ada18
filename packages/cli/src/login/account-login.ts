import { startDeviceSignIn } from "qwen-auth-core/internal"
import { styleFor } from "../terminal/style.ts"
import type { LoginContext } from "./login-context.ts"
import { openAddress, showAddress, withCountdown } from "./show-address.ts"
import { storeAccount } from "./store-sign-in.ts"

/**
 * Signs in with a Qwen account by the Device Authorization Grant (RFC 8628). An account without a quota is not stored.
 * @throws QwenAuthError of the sign-in; `free_tier_ended`; `credential_not_stored`, `credential_locked`; `aborted`
 */
export async function loginWithAccount(context: LoginContext): Promise<void> {
  const { world, signIn, output, signal, values } = context
  const { platform, chosen, server, verifyAccount } = signIn
  if ((await chosen.choice()) === "qwen-code") output.say("Qwen Code shares this sign-in and gets the account too.")
  const started = await startDeviceSignIn({ platform, server, signal })
  const { verificationUriComplete: url, userCode, expiresAt } = started.authorization
  const { opened, why } = await openAddress(context, url)
  output.event("verification", { url, userCode, expiresAt: new Date(expiresAt).toISOString(), browserOpened: opened })
  if (why !== undefined) output.say(why)
  showAddress(context, url, opened, true)
  output.say(`Check that it shows this code and approve: ${styleFor(world).bold(userCode)}\n`)
  const credential = await withCountdown(context, "Waiting for your approval:", expiresAt, () => started.wait(signal))
  if (values["no-check"] !== true) await verifyAccount(credential, signal)
  await storeAccount(context, credential)
}
