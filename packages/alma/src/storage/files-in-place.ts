import { type CredentialStore, credentialFile, type Platform, qwenCodeFile } from "qwen-auth-core"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import { readExistingKey } from "qwen-auth-local/existing-keys"
import { type ExistingSignIn, existingSignIns } from "qwen-auth-local/existing-sign-ins"
import { fallbackLockFolder } from "qwen-auth-local/fallback-lock-folder"
import { filePaths, type SettingSources } from "qwen-auth-local/paths"
import type { StoredKey } from "qwen-auth-local/stored-key"

/** The sign-ins of other programs on this computer. Accounts are used where they are, under the locks that those programs use. */
export interface FilesInPlace {
  /** Returns the sign-ins that exist now. */
  existing(): readonly ExistingSignIn[]
  /** Returns the store of an account that is used in place. */
  store(choice: CredentialsChoice): CredentialStore
  /** Reads an API key that {@link existing} found; `undefined` if it is no longer there. */
  key(id: string): StoredKey | undefined
}

/** @param computer the environment and the folders of this computer; read when they are needed first */
export function filesInPlace(platform: Platform, computer: () => SettingSources): FilesInPlace {
  const stores = new Map<CredentialsChoice, CredentialStore>()
  const open: Readonly<Record<CredentialsChoice, () => CredentialStore>> = {
    own() {
      const sources = computer()
      const paths = filePaths(sources)
      return credentialFile(paths.tokenFile, { platform, fallbackLockFolder: fallbackLockFolder(paths, sources) })
    },
    "qwen-code": () => qwenCodeFile(filePaths(computer()).qwenCodeFolder, { platform }),
  }
  return {
    existing() {
      try {
        return existingSignIns(filePaths(computer()))
      } catch (error) {
        platform.log.warn("The sign-ins on this computer could not be read.", { error })
        return []
      }
    },
    key: (id) => readExistingKey(filePaths(computer()), id),
    store(choice) {
      const store = stores.get(choice) ?? open[choice]()
      stores.set(choice, store)
      return store
    },
  }
}
