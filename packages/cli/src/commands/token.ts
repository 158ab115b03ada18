import { secretOf } from "qwen-auth-core/internal"
import { UsageError } from "../command-error.ts"
import { EXIT } from "../exit-codes.ts"
import { cancellable } from "../interrupt.ts"
import { openStoredSignIn, type StoredSignIn } from "../stored-sign-in.ts"
import type { Call } from "./command.ts"

/** Longer than the five minutes before its expiry in which a token is refreshed, ms. */
const CERTAINLY_FRESH_MS = 10 * 60_000

/** Prints a valid access token or the API key and nothing else. */
export async function run({ world, values }: Call): Promise<number> {
  if (world.stdout.isTTY === true && values["show"] !== true)
    throw new UsageError("The token would be shown on the terminal. To show it, add --show")
  const stored = openStoredSignIn(world, values)
  const secret =
    (await usableSecret(stored)) ??
    (await cancellable(world, async (signal) => {
      // Most calls need no refresh, and start faster without its code.
      const { openSignIn } = await import("../sign-in.ts")
      return secretOf(await openSignIn(world, values, stored).manager.getCredential({ signal }))
    }))
  world.stdout.write(`${secret}\n`)
  return EXIT.done
}

/**
 * Returns what can be printed as it is stored; undefined if it may have to be refreshed first.
 * @throws QwenAuthError: why the stored sign-in or the key in the environment cannot be used
 */
async function usableSecret({ active, platform }: StoredSignIn): Promise<string | undefined> {
  const found = await active()
  switch (found.kind) {
    case "environment-key":
      return (await found.key.stored()).apiKey
    case "key":
      return found.credential.apiKey
    case "account":
      return found.credential.expiresAt - platform.now() > CERTAINLY_FRESH_MS ? found.credential.accessToken : undefined
    case "none":
      if (found.problem !== undefined) throw found.problem
      return undefined
  }
}
