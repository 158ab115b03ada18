import { type ApiKeyCredential, type Credential, endpointLabel, type OAuthCredential } from "qwen-auth-core"
import { storeCredentialsChoice } from "qwen-auth-local/store-credentials-choice"
import type { LoginContext } from "./login-context.ts"

/** Stores an account where the user chose: in the plugin's file, or in Qwen Code's. */
export async function storeAccount(context: LoginContext, credential: OAuthCredential): Promise<void> {
  const { manager, chosen, settings } = context.signIn
  await manager.setCredential(credential)
  const shared = (await chosen.choice()) === "qwen-code"
  reportSignedIn(
    context,
    credential,
    shared ? settings.qwenCodeFolder : settings.tokenFile,
    "Signed in with a Qwen account.",
  )
}

/**
 * Stores a key in the plugin's file, in place of the account. Qwen Code's sign-in, if it was used until now, is kept and
 * no longer used.
 * @param models the ids of its models, if the service listed them
 * @param checked whether the service accepted it
 */
export async function storeKey(
  context: LoginContext,
  credential: ApiKeyCredential,
  models: readonly string[],
  checked: boolean,
): Promise<void> {
  const { manager, chosen, settings, caches } = context.signIn
  if ((await chosen.choice()) !== "own") {
    await storeCredentialsChoice(settings.authConfigFile, "own")
    chosen.use("own")
  }
  await manager.setCredential(credential)
  await caches.lists.remember(credential.baseUrl, models)
  const label = endpointLabel(credential)
  const message = checked
    ? `Signed in with an API key: ${label}.`
    : `The key is stored for ${label}, but the service did not confirm it. Run: qwen-auth status --check`
  reportSignedIn(context, credential, settings.tokenFile, message)
}

function reportSignedIn({ output }: LoginContext, credential: Credential, file: string, message: string): void {
  const what =
    credential.type === "oauth"
      ? { kind: "account" }
      : { kind: "key", plan: credential.plan, region: credential.region, baseUrl: credential.baseUrl }
  output.event("signed-in", { ...what, file })
  output.say(`${message}\nIt is stored in ${file}, readable by you only.`)
}
