import { QwenAuthError } from "qwen-auth-core"
import { openCodeKey, readExistingKey } from "qwen-auth-local/existing-keys"
import { existingSignIns } from "qwen-auth-local/existing-sign-ins"
import { storeCredentialsChoice } from "qwen-auth-local/store-credentials-choice"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { UsageError } from "../command-error.ts"
import type { ComputerSignIn } from "../sign-in.ts"
import { loginWithKey } from "./key-login.ts"
import type { LoginContext } from "./login-context.ts"

/** A sign-in that another program left on this computer. */
export interface FoundSignIn {
  /** The value of `--found`. */
  readonly name: string
  readonly label: string
  /** Signs in with it. */
  use(context: LoginContext): Promise<void>
}

/** The name of the key in OpenCode's own record. */
const OPENCODE = "opencode"

/** Returns the sign-ins of other programs. Reads files only, and no secret is part of a label. */
export function foundSignIns({ settings }: Pick<ComputerSignIn, "settings">): FoundSignIn[] {
  const recorded = openCodeKey(settings)
  return [
    ...(recorded === undefined
      ? []
      : [
          {
            name: OPENCODE,
            label: "API key of OpenCode's provider alibaba",
            use: copyKey(() => openCodeKey(settings)),
          },
        ]),
    ...existingSignIns(settings).flatMap((found) => {
      // Our own account and key are the sign-in of this command already.
      if (found.id === "own" || found.id === "own-key") return []
      const use = found.kind === "account" ? shareWithQwenCode : copyKey(() => readExistingKey(settings, found.id))
      return [{ name: found.id, label: found.label.replace(/^Found: /, ""), use }]
    }),
  ]
}

/** Signs in with a key that is read again, because it may have changed since the menu was shown. */
const copyKey = (read: () => StoredKey | undefined) => async (context: LoginContext) => {
  const found = read()
  if (found === undefined) throw removedMeanwhileError()
  const { apiKey, endpoint, hint = {} } = found
  await loginWithKey(context, apiKey, endpoint === undefined ? hint : { endpoint })
}

/** Signs in with what `--found` names; `list` shows the names. */
export async function loginWithFound(context: LoginContext, name: string): Promise<void> {
  const { output, signIn } = context
  const found = foundSignIns(signIn)
  if (name === "list") {
    output.event("found", { found: found.map(({ name: each, label }) => ({ name: each, label })) })
    output.say(found.map((each) => `${each.name}  ${each.label}`).join("\n") || "No other sign-in was found.")
    return
  }
  const chosen = found.find((each) => each.name === name)
  if (chosen === undefined)
    throw new UsageError(`No such sign-in was found. The names are shown by: qwen-auth login --found list`)
  await chosen.use(context)
}

/** Uses Qwen Code's sign-in in place. With a copy, one of the two programs would lose it at the next refresh. */
async function shareWithQwenCode({ signIn, output, signal }: LoginContext): Promise<void> {
  const { chosen, manager, settings } = signIn
  const before = await chosen.choice()
  chosen.use("qwen-code")
  try {
    const { credential, problem } = await chosen.store.read()
    if (credential === undefined) throw problem ?? removedMeanwhileError()
    await manager.getCredential({ signal })
    if (before !== "qwen-code") await storeCredentialsChoice(settings.authConfigFile, "qwen-code")
  } catch (error) {
    chosen.use(before)
    throw error
  }
  output.event("signed-in", { kind: "account", file: settings.qwenCodeFolder })
  output.say(`Signed in with Qwen Code's account, which both programs share (${settings.qwenCodeFolder}).`)
}

function removedMeanwhileError(): QwenAuthError {
  return new QwenAuthError("sign_in_failed", "The sign-in is no longer on this computer.", {
    remedy: "Choose another way: qwen-auth login",
  })
}
