import { readdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import {
  type Credential,
  type CredentialStore,
  credentialFile,
  type OAuthCredential,
  type Platform,
  type Stored,
} from "qwen-auth-core"
import { type CredentialManager, secretOf, tokenId, tokenIds } from "qwen-auth-core/internal"
import type { LocalServices } from "./services.ts"
import type { Settings } from "./settings.ts"

/** A file of another account: the id of one of its refresh tokens. */
const ACCOUNT_FILE = /^[\da-f]{16}\.json$/

/** The accounts of a host that stores several of them itself, OpenCode 2 for example. */
export interface HostAccounts {
  /**
   * Returns the manager of the account to which the host's credential belongs. The host may hold an outdated token of
   * it. All callers in this process share the manager; other processes share its file.
   */
  find(credential: OAuthCredential): Promise<CredentialManager>
  /**
   * Stores the account of a new sign-in as the one of this computer. The previous one is kept in a file of its own,
   * because the host may still hold it.
   * @throws QwenAuthError `credential_not_stored`, `credential_locked`
   */
  signIn(credential: OAuthCredential): Promise<void>
}

/** Options of {@link hostAccounts}. */
export interface HostAccountsOptions {
  readonly platform: Platform
  readonly settings: Pick<Settings, "tokenFile">
  readonly local: Pick<LocalServices, "signIn" | "accountManager">
}

/**
 * Creates the accounts. The account of this computer stays in its file, which other hosts use too. Every other account
 * that the host holds gets a file of its own in the folder `accounts` beside it, with the same lock and format.
 */
export function hostAccounts({ platform, settings, local }: HostAccountsOptions): HostAccounts {
  const files = new AccountFiles(platform, settings.tokenFile, local.signIn)
  const known = new Map<string, HostAccount>()
  return {
    async find(credential) {
      const id = tokenId(credential.refreshToken)
      const ids = known.has(id) ? [id] : await sameAccount(id, [local.signIn.store, ...(await files.list())])
      const account =
        ids.map((each) => known.get(each)).find((found) => found !== undefined) ??
        new HostAccount(credential, local, files, (each, found) => known.set(each, found))
      account.learn(ids)
      account.update(credential)
      return account.manager
    },
    async signIn(credential) {
      const store = keepingPrevious(local.signIn.store, files, platform)
      await local.accountManager({ store }).setCredential(credential)
    },
  }
}

/** Returns the ids of the stored account to which the id belongs; the id alone if none is stored. */
async function sameAccount(id: string, stores: readonly CredentialStore[]): Promise<readonly string[]> {
  for (const store of stores) {
    const ids = tokenIds(await store.read())
    if (ids.includes(id)) return ids
  }
  return [id]
}

/** Returns the store with a lock that keeps the previous account, as the last refresh before the lock left it. */
function keepingPrevious(shared: CredentialStore, files: AccountFiles, platform: Platform): CredentialStore {
  return {
    ...shared,
    withLock: (task, skipIf) =>
      shared.withLock(async (lock) => {
        const write: typeof lock.write = async (credential, formerTokens) => {
          await keepPrevious(await shared.read(), credential, files).catch((error: unknown) => {
            platform.log.warn("The previous account could not be kept.", { error })
          })
          return lock.write(credential, formerTokens)
        }
        return task({ ...lock, write })
      }, skipIf),
  }
}

async function keepPrevious(present: Stored, next: Credential, files: AccountFiles): Promise<void> {
  const { credential, formerTokens } = present
  if (credential?.type !== "oauth" || secretOf(credential) === secretOf(next)) return
  await files.at(tokenId(credential.refreshToken)).withLock((lock) => lock.write(credential, formerTokens))
}

/** The files of all accounts but the one of this computer. */
class AccountFiles {
  readonly #platform: Platform
  readonly #folder: string
  readonly #signIn: LocalServices["signIn"]
  /** The plugin's own file. With Qwen Code's shared sign-in its account is one of the others. */
  readonly #own: CredentialStore
  readonly #stores = new Map<string, CredentialStore>()

  constructor(platform: Platform, tokenFile: string, signIn: LocalServices["signIn"]) {
    this.#platform = platform
    this.#folder = join(dirname(tokenFile), "accounts")
    this.#signIn = signIn
    this.#own = credentialFile(tokenFile, { platform })
  }

  at(id: string): CredentialStore {
    const store = this.#stores.get(id) ?? credentialFile(join(this.#folder, `${id}.json`), { platform: this.#platform })
    this.#stores.set(id, store)
    return store
  }

  async list(): Promise<CredentialStore[]> {
    const names = await readdir(this.#folder).catch(() => [])
    const others = names
      .filter((name) => ACCOUNT_FILE.test(name))
      .map((name) => this.at(name.slice(0, -".json".length)))
    return (await this.#signIn.choice()) === "qwen-code" ? [this.#own, ...others] : others
  }
}

/** One account of the host. Its tokens may be in the file of this computer, in a file of its own, or only in the host. */
class HostAccount {
  readonly manager: CredentialManager
  readonly #shared: LocalServices["signIn"]
  readonly #files: AccountFiles
  readonly #ids = new Set<string>()
  readonly #remember: (id: string, account: HostAccount) => void
  /** The host's own copy. */
  #held: OAuthCredential

  constructor(
    held: OAuthCredential,
    local: HostAccountsOptions["local"],
    files: AccountFiles,
    remember: (id: string, account: HostAccount) => void,
  ) {
    this.#held = held
    this.#shared = local.signIn
    this.#files = files
    this.#remember = remember
    this.manager = local.accountManager({ store: this.#store() })
  }

  /** Adds ids of refresh tokens of this account. */
  learn(ids: readonly string[]): void {
    for (const id of ids) {
      this.#ids.add(id)
      this.#remember(id, this)
    }
  }

  /** Takes the host's copy if it is the newer one. */
  update(held: OAuthCredential): void {
    if (held.expiresAt > this.#held.expiresAt) this.#held = held
  }

  /** Returns where the account is stored now, and what is stored there. */
  async #find(): Promise<{ readonly store: CredentialStore; readonly stored: Stored }> {
    const shared = this.#shared.store
    const present = await shared.read()
    if (this.#owns(present)) return { store: shared, stored: present }
    for (const store of await this.#files.list()) {
      const stored = await store.read()
      if (this.#owns(stored)) return { store, stored }
    }
    const held = { credential: this.#held }
    if (present.credential === undefined && present.problem === undefined) return { store: shared, stored: held }
    // Qwen Code refreshes its file itself and does not say from which token.
    if ((await this.#shared.choice()) === "qwen-code") return { store: shared, stored: present }
    return { store: this.#files.at(tokenId(this.#held.refreshToken)), stored: held }
  }

  #owns(stored: Stored): boolean {
    const ids = tokenIds(stored)
    if (!ids.some((id) => this.#ids.has(id))) return false
    this.learn(ids)
    return true
  }

  #store(): CredentialStore {
    const shared = this.#shared.store
    const find = () => this.#find()
    return {
      read: async () => (await find()).stored,
      clear: async () => (await find()).store.clear(),
      get refusalGraceMs() {
        return shared.refusalGraceMs
      },
      async withLock(task, skipIf) {
        const { store } = await find()
        const skip = skipIf === undefined ? undefined : async () => boxed(await skipIf())
        // A sign-in may have taken the file while this process waited for its lock.
        const result = await store.withLock(
          async (lock) => ((await find()).store === store ? { value: await task(lock) } : undefined),
          skip,
        )
        return result === undefined ? (await find()).store.withLock(task, skipIf) : result.value
      },
    }
  }
}

function boxed<T>(value: T | undefined): { readonly value: T } | undefined {
  return value === undefined ? undefined : { value }
}
