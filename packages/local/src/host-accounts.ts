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
  const files = accountFiles(platform, settings.tokenFile, local.signIn)
  const known = new Map<string, HostAccount>()
  return {
    async find(credential) {
      const id = tokenId(credential.refreshToken)
      const ids = known.has(id) ? [id] : await sameAccount(id, [local.signIn.store, ...(await files.list())])
      const account =
        ids.map((each) => known.get(each)).find((found) => found !== undefined) ??
        new HostAccount(credential, local, files, known)
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
interface AccountFiles {
  /** Returns the file of the account, by the id of one of its refresh tokens. */
  at(id: string): CredentialStore
  list(): Promise<readonly CredentialStore[]>
}

function accountFiles(platform: Platform, tokenFile: string, signIn: LocalServices["signIn"]): AccountFiles {
  const folder = join(dirname(tokenFile), "accounts")
  const stores = new Map<string, CredentialStore>()
  const at = (id: string) => {
    const store = stores.get(id) ?? credentialFile(join(folder, `${id}.json`), { platform })
    stores.set(id, store)
    return store
  }
  return {
    at,
    async list() {
      const names = await readdir(folder).catch(() => [])
      const others = names.filter((name) => ACCOUNT_FILE.test(name)).map((name) => at(name.slice(0, -".json".length)))
      // With Qwen Code's shared sign-in the account of the plugin's own file is one of the others.
      return (await signIn.choice()) === "qwen-code" ? [signIn.stores.own, ...others] : others
    },
  }
}

/** One account of the host. Its tokens may be in the file of this computer, in a file of its own, or only in the host. */
class HostAccount {
  readonly manager: CredentialManager
  readonly #signIn: LocalServices["signIn"]
  readonly #files: AccountFiles
  readonly #ids = new Set<string>()
  readonly #known: Map<string, HostAccount>
  #hostCopy: OAuthCredential

  /** @param known the accounts by the ids of their refresh tokens, to which this one is added */
  constructor(
    hostCopy: OAuthCredential,
    local: HostAccountsOptions["local"],
    files: AccountFiles,
    known: Map<string, HostAccount>,
  ) {
    this.#hostCopy = hostCopy
    this.#signIn = local.signIn
    this.#files = files
    this.#known = known
    this.manager = local.accountManager({ store: this.#store() })
  }

  /** Adds ids of refresh tokens of this account. */
  learn(ids: readonly string[]): void {
    for (const id of ids) {
      this.#ids.add(id)
      this.#known.set(id, this)
    }
  }

  /** Replaces the host's copy if the given one is newer. */
  update(hostCopy: OAuthCredential): void {
    if (hostCopy.expiresAt > this.#hostCopy.expiresAt) this.#hostCopy = hostCopy
  }

  /** Returns the store that has the account now, and its content. */
  async #find(): Promise<{ readonly store: CredentialStore; readonly stored: Stored }> {
    const shared = this.#signIn.store
    const present = await shared.read()
    if (this.#owns(present)) return { store: shared, stored: present }
    for (const store of await this.#files.list()) {
      const stored = await store.read()
      if (this.#owns(stored)) return { store, stored }
    }
    const stored = { credential: this.#hostCopy }
    if (present.credential === undefined && present.problem === undefined) return { store: shared, stored }
    // Qwen Code refreshes its file itself and does not say from which token.
    if ((await this.#signIn.choice()) === "qwen-code") return { store: shared, stored: present }
    return { store: this.#files.at(tokenId(this.#hostCopy.refreshToken)), stored }
  }

  #owns(stored: Stored): boolean {
    const ids = tokenIds(stored)
    if (!ids.some((id) => this.#ids.has(id))) return false
    this.learn(ids)
    return true
  }

  #store(): CredentialStore {
    const shared = this.#signIn.store
    const find = () => this.#find()
    return {
      read: async () => (await find()).stored,
      clear: async () => (await find()).store.clear(),
      get refusalGraceMs() {
        return shared.refusalGraceMs
      },
      async withLock(task, skipIf) {
        const { store } = await find()
        const skip = skipIf && (async () => boxed(await skipIf()))
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
