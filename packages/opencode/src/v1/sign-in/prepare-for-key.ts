import type { ResolvedKey } from "qwen-auth-core/internal"
import type { SignInOptions } from "./method.ts"

/**
 * Prepares for a key that replaces the account in OpenCode's record: caches its model list and removes the stored
 * account, unless that is Qwen Code's.
 * @param resolved the key with its endpoint; undefined if the endpoint is not detected yet
 */
export async function prepareForKey(options: SignInOptions, resolved: ResolvedKey | undefined): Promise<void> {
  if (resolved !== undefined) await options.lists.keep(resolved.credential.baseUrl, resolved.models)
  const { signIn, account } = options.services
  if ((await signIn.choice()) !== "own") return
  const { credential, problem } = await signIn.store.read()
  // Nothing to remove. The lock would create a folder.
  if (credential === undefined && problem === undefined) return
  // A key in this file is that of the command.
  if (credential?.type === "api_key") return
  await account.clear().catch((error: unknown) => {
    options.platform.log.warn("The stored Qwen account could not be removed.", { error })
  })
}
