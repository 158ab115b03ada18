import type { QwenAuthError } from "../errors.ts"
import type { OAuthCredential } from "./credential.ts"

/** What a store holds. `problem`: why what is there cannot be used; absent when nothing is there. */
export type Stored =
  | { readonly credential: OAuthCredential; readonly problem?: undefined }
  | { readonly credential?: undefined; readonly problem?: QwenAuthError }

/** Where a credential lives between runs: a file, a host's secret storage, memory. */
export interface CredentialStore {
  /** What is stored. Never throws: what cannot be read is signed out plus the reason. */
  read(): Promise<Stored>
  /**
   * Replaces what is stored, all or nothing.
   * @throws QwenAuthError `credential_not_stored`
   */
  write(credential: OAuthCredential): Promise<void>
  /** Removes what is stored. */
  clear(): Promise<void>
  /** Runs `task` while no other renewal of this store runs. */
  exclusive<T>(task: () => Promise<T>): Promise<T>
}
