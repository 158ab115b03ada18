import { type CredentialStore, credentialFile, type Platform, qwenCodeFile } from "qwen-auth-core"
import type { AuthConfig } from "./auth-config.ts"
import { type CredentialsChoice, chosenCredentials } from "./credentials-choice.ts"
import type { Settings } from "./settings.ts"

/** The store of the sign-in: the plugin's own file or Qwen Code's. */
export interface SignInStore {
  /** Both stores, whichever the user chose. */
  readonly stores: Readonly<Record<CredentialsChoice, CredentialStore>>
  /** The store that the user chose. */
  readonly store: CredentialStore
  /** Returns which store is used. */
  choice(): Promise<CredentialsChoice>
  /** Switches to the given store. */
  use(choice: CredentialsChoice): void
}

/** The settings that determine the store. */
type StoreSettings = Pick<
  Settings,
  "tokenFile" | "fallbackLockFolder" | "qwenCodeFolder" | "authConfigFile" | "credentials"
>

/**
 * Creates the store. The choice is made once, at the first use, so no file is read before.
 * @param config reads `auth-config.json`
 */
export function signInStore(
  platform: Platform,
  settings: StoreSettings,
  config: () => Promise<AuthConfig>,
): SignInStore {
  const { tokenFile, fallbackLockFolder, qwenCodeFolder, authConfigFile, credentials } = settings
  const stores: SignInStore["stores"] = {
    own: credentialFile(tokenFile, { platform, fallbackLockFolder }),
    "qwen-code": qwenCodeFile(qwenCodeFolder, { platform }),
  }
  let current: CredentialsChoice | undefined
  const setCurrent = (choice: CredentialsChoice) => {
    current = choice
    return choice
  }
  const choose = async () => {
    const configured = credentials === undefined ? (await config()).credentials : undefined
    return setCurrent(chosenCredentials(credentials, configured, authConfigFile, platform.log))
  }
  let chosen: Promise<CredentialsChoice> | undefined
  const choice = () => {
    chosen ??= choose()
    return chosen
  }
  const inner = async () => stores[await choice()]
  return {
    stores,
    store: {
      read: async () => (await inner()).read(),
      clear: async () => (await inner()).clear(),
      withLock: async (task, skipIf) => (await inner()).withLock(task, skipIf),
      get refusalGraceMs() {
        return current === undefined ? undefined : stores[current].refusalGraceMs
      },
    },
    choice,
    use(other) {
      chosen = Promise.resolve(setCurrent(other))
    },
  }
}
