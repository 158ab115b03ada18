import { secretOf } from "qwen-auth-core/internal"
import { UsageError } from "../command-error.ts"
import { EXIT } from "../exit-codes.ts"
import { cancellable } from "../interrupt.ts"
import { openSignIn } from "../sign-in.ts"
import type { Call } from "./command.ts"

/** Prints a valid access token or the API key and nothing else. */
export async function run({ world, values }: Call): Promise<number> {
  if (world.stdout.isTTY === true && values["show"] !== true)
    throw new UsageError("The token would be shown on the terminal. To show it, add --show")
  return cancellable(world, async (signal) => {
    const signIn = openSignIn(world, { verbose: values["verbose"] === true })
    const active = await signIn.active()
    // The endpoint of the key is not needed, so no network either.
    const secret =
      active.kind === "environment-key"
        ? (await active.key.stored()).apiKey
        : secretOf(await signIn.manager.getCredential({ signal }))
    world.stdout.write(`${secret}\n`)
    return EXIT.done
  })
}
