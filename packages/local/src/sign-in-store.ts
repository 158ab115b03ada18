import { type CredentialStore, credentialFile, type Platform, qwenCodeFile } from "qwen-auth-core"
import type { AuthConfig } from "./auth-config.ts"
import { type CredentialsChoice, chosenCredentials } from "./credentials-choice.ts"
import type { Settings } from "./settings.ts"

/** Where the sign-in is, as the user chose. */
export interface SignInStore {
  readonly store: CredentialStore
  /** Whose sign-in it is. */
  choice(): Promise<CredentialsChoice>
  /** From now on it is the one of this choice. */
  use(choice: CredentialsChoice): void
}

/** What tells where the sign-in is. */
export interface SignInStoreSettings
  extends Pick<Settings, "tokenFile" | "fallbackLockFolder" | "qwenCodeFolder" | "authConfigFile" | "credentials"> {}

/**
 * The plugin's own file, or Qwen Code's. Which of them is found out at the first use, once: no file is read before.
 * @param config `auth-config.json`, read when it is first asked for
 */
export function signInStore(
  platform: Platform,
  settings: SignInStoreSettings,
  config: () => Promise<AuthConfig>,
): SignInStore {
  const { tokenFile, fallbackLockFolder, qwenCodeFolder, authConfigFile, credentials } = settings
  const stores: Readonly<Record<CredentialsChoice, CredentialStore>> = {
    own: credentialFile(tokenFile, { platform, fallbackLockFolder }),
    "qwen-code": qwenCodeFile(qwenCodeFolder, { platform }),
  }
  let present: CredentialsChoice | undefined
  const chose = (choice: CredentialsChoice) => {
    present = choice
    return choice
  }
  const choose = async () => {
    const configured = credentials === undefined ? (await config()).credentials : undefined
    return chose(chosenCredentials(credentials, configured, authConfigFile, platform.log))
  }
  let chosen: Promise<CredentialsChoice> | undefined
  const choice = () => {
    chosen ??= choose()
    return chosen
  }
  const inner = async () => stores[await choice()]
  return {
    store: {
      read: async () => (await inner()).read(),
      clear: async () => (await inner()).clear(),
      withLock: async (task, skipIf) => (await inner()).withLock(task, skipIf),
      get refusalGraceMs() {
        return present === undefined ? undefined : stores[present].refusalGraceMs
      },
    },
    choice,
    use(other) {
      chosen = Promise.resolve(chose(other))
    },
  }
}
