import type { SignInOptions } from "./method.ts"

/** Removes the stored account, because a key replaces it in OpenCode's record. Qwen Code's account stays. */
export async function removeAccount({ platform, services }: SignInOptions): Promise<void> {
  const { signIn, account } = services
  if ((await signIn.choice()) !== "own") return
  const { credential, problem } = await signIn.store.read()
  // Nothing to remove. The lock would create a folder.
  if (credential === undefined && problem === undefined) return
  // A key in this file is that of the command.
  if (credential?.type === "api_key") return
  await account.clear().catch((error: unknown) => {
    platform.log.warn("The stored Qwen account could not be removed.", { error })
  })
}
