import type { ResolvedKey } from "qwen-auth-core/internal"
import type { SignInOptions } from "./method.ts"

/**
 * A key is about to take the account's place in OpenCode's record: of the account nothing stays behind, unless it is Qwen Code's, and
 * the models are known from the start.
 * @param found the key at its place; undefined when that is still to be found out
 */
export async function prepareForKey(options: SignInOptions, found: ResolvedKey | undefined): Promise<void> {
  if (found !== undefined) await options.lists.keep(found.credential.baseUrl, found.models)
  const { signIn, account } = await options.services()
  if ((await signIn.choice()) !== "own") return
  const { credential, problem } = await signIn.store.read()
  // The turn would make a folder for its lock.
  if (credential === undefined && problem === undefined) return
  await account.clear().catch((error: unknown) => {
    options.platform.log.warn("The stored Qwen account could not be removed.", { error })
  })
}
