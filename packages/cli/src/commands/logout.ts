import { openCodeIsSignedIn } from "qwen-auth-local/opencode-paths"
import { storeCredentialsChoice } from "qwen-auth-local/store-credentials-choice"
import { EXIT } from "../exit-codes.ts"
import { openSignIn } from "../sign-in.ts"
import type { Call } from "./command.ts"

/** Removes the stored sign-in. Qwen Code's own one is kept, but no longer used. */
export async function run({ world, values }: Call): Promise<number> {
  const signIn = openSignIn(world, values)
  const { chosen, settings } = signIn
  const before = await signIn.active()
  const shared = (await chosen.choice()) === "qwen-code"
  if (shared) {
    await storeCredentialsChoice(settings.authConfigFile, "own")
    chosen.use("own")
  }
  const own = await chosen.store.read()
  // The lock would create a folder.
  const stored = own.credential !== undefined || own.problem !== undefined
  if (stored) await signIn.manager.clear()
  const after = await signIn.active()
  const notes = [
    stored || shared ? "You are signed out of Qwen." : "Nobody was signed in.",
    ...(shared ? [`Qwen Code's own sign-in is kept (${settings.qwenCodeFolder}).`] : []),
    ...(after.kind === "environment-key" ? ["An API key in the environment is still used: qwen-auth status"] : []),
    ...((await openCodeIsSignedIn(settings)) ? ["OpenCode keeps a record of its own: opencode auth logout"] : []),
  ]
  const report = { signedOut: before.kind !== "none", stillSignedIn: after.kind !== "none" }
  world.stdout.write(values["json"] === true ? `${JSON.stringify(report)}\n` : `${notes.join("\n")}\n`)
  return EXIT.done
}
