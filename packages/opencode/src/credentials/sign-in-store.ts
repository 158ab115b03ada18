import {
  type CredentialStore,
  credentialFile,
  QWEN_CODE_REFUSAL_GRACE_MS,
  qwenCodeFile,
  type World,
} from "qwen-auth-core"
import { chosenCredentials } from "./auth-config.ts"
import type { Settings } from "./settings.ts"

/** Where the sign-in is, as the user chose. */
export interface SignInStore {
  readonly store: CredentialStore
  /** How long after a refused refresh another program may still store what it got, ms. */
  refusalGraceMs(): number
}

/** The plugin's own file, or Qwen Code's. Which of them is found out at the first use, once: no file is read before. */
export function signInStore(
  world: World,
  settings: Pick<Settings, "tokenFile" | "fallbackLockFolder" | "qwenCodeFolder" | "authConfigFile" | "credentials">,
): SignInStore {
  const { tokenFile, fallbackLockFolder, qwenCodeFolder, authConfigFile, credentials } = settings
  let graceMs = 0
  const choose = async (): Promise<CredentialStore> => {
    const choice = await chosenCredentials(credentials, authConfigFile, world.log)
    if (choice === "own") return credentialFile(world, tokenFile, { fallbackLockFolder })
    graceMs = QWEN_CODE_REFUSAL_GRACE_MS
    return qwenCodeFile(world, qwenCodeFolder)
  }
  let chosen: Promise<CredentialStore> | undefined
  const inner = () => {
    chosen ??= choose()
    return chosen
  }
  return {
    store: {
      read: async () => (await inner()).read(),
      clear: async () => (await inner()).clear(),
      exclusive: async (task, instead) => (await inner()).exclusive(task, instead),
    },
    refusalGraceMs: () => graceMs,
  }
}
