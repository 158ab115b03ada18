import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { type Credential, type CredentialStore, credentialFile, type OAuthCredential } from "qwen-auth-core"
import { CredentialManager } from "qwen-auth-core/internal"
import { account } from "qwen-auth-testing/account"
import { type FakePlatform, fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { json } from "qwen-auth-testing/replies"
import { credential, DEAD_REFRESH_TOKEN, MINUTE, SERVER, TOKENS } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it, onTestFinished } from "vitest"
import { hostAccounts } from "./host-accounts.ts"

const temporaryFolder = temporaryFolders()

const EXPIRING = START + MINUTE

/** A service that exchanges each refresh token once and refuses a second use. */
function rotatingService() {
  const used = new Set<string>()
  const platform = fakePlatform({
    // A clock that jumps while a file is read would end the time limit of a refresh.
    autoAdvance: false,
    rest: (request) => {
      const token = request.form["refresh_token"] ?? ""
      if (used.has(token)) return json(DEAD_REFRESH_TOKEN, 400)(request)
      used.add(token)
      return json({ ...TOKENS, access_token: `access-after-${token}`, refresh_token: `${token}+` })(request)
    },
  })
  // A waiter checks another process's lock every few milliseconds.
  const passing = setInterval(() => platform.pass(5), 1)
  onTestFinished(() => clearInterval(passing))
  return platform
}

/** One process of a host on this computer. */
function hostProcess(home: string, platform: FakePlatform, choice: "own" | "qwen-code" = "own") {
  const tokenFile = join(home, "qwen", "oauth_token.json")
  const store = credentialFile(tokenFile, { platform })
  const stores = { own: store, "qwen-code": memoryStore() }
  const signIn = { stores, store, choice: async () => choice, use: () => {} }
  const accountManager = (host: { store: typeof store } = { store }) =>
    new CredentialManager({ platform, server: SERVER, ...host })
  return { accounts: hostAccounts({ platform, settings: { tokenFile }, local: { signIn, accountManager } }), store }
}

const accountTokens = (name: string, fields: Partial<OAuthCredential> = {}) =>
  credential({ accessToken: `access-${name}`, refreshToken: `refresh-${name}`, expiresAt: EXPIRING, ...fields })

const accessToken = async (manager: { getCredential(): Promise<Credential> }) =>
  account(await manager.getCredential()).accessToken

const put = (store: ReturnType<typeof credentialFile>, stored: OAuthCredential) =>
  store.withLock((lock) => lock.write(stored))

describe("the account of this computer", () => {
  it("is refreshed in its file, once for two processes and a host that holds an older token", async () => {
    const home = await temporaryFolder()
    const platform = rotatingService()
    const first = hostProcess(home, platform)
    const second = hostProcess(home, platform)
    await put(first.store, accountTokens("a"))

    const accessTokens = await Promise.all(
      [first, second, first].map(async ({ accounts }) => accessToken(await accounts.find(accountTokens("a")))),
    )

    expect(new Set(accessTokens)).toEqual(new Set(["access-after-refresh-a"]))
    expect(platform.requests).toHaveLength(1)
    expect(account((await first.store.read()).credential).accessToken).toBe("access-after-refresh-a")
  })

  it("serves a host that holds a token from several refreshes ago, without a request", async () => {
    const home = await temporaryFolder()
    const platform = rotatingService()
    const { store, accounts } = hostProcess(home, platform)
    await put(store, accountTokens("a"))
    const elsewhere = new CredentialManager({ platform, server: SERVER, store })
    const once = account(await elsewhere.getCredential())
    const twice = account(await elsewhere.refresh(once))
    platform.requests.length = 0

    expect(await accessToken(await accounts.find(accountTokens("a")))).toBe(twice.accessToken)
    expect(platform.requests).toHaveLength(0)
  })

  it("is the host's copy when nothing is stored yet, and its first refresh stores it", async () => {
    const platform = rotatingService()
    const { store, accounts } = hostProcess(await temporaryFolder(), platform)

    expect(await accessToken(await accounts.find(accountTokens("a")))).toBe("access-after-refresh-a")
    expect(account((await store.read()).credential).accessToken).toBe("access-after-refresh-a")
  })

  it("has one manager for all its tokens in a process", async () => {
    const { store, accounts } = hostProcess(await temporaryFolder(), rotatingService())
    await put(store, accountTokens("a"))
    const manager = await accounts.find(accountTokens("a"))
    const renewed = account(await manager.getCredential())

    expect(await accounts.find(renewed)).toBe(manager)
  })
})

describe("another account that the host holds", () => {
  it("is refreshed without touching the account of this computer, once for two processes", async () => {
    const home = await temporaryFolder()
    const platform = rotatingService()
    const [first, second] = [hostProcess(home, platform), hostProcess(home, platform)]
    await put(first.store, accountTokens("a", { expiresAt: START + 60 * MINUTE }))

    const accessTokens = await Promise.all(
      [first, second].map(async ({ accounts }) => accessToken(await accounts.find(accountTokens("b")))),
    )

    expect(accessTokens).toEqual(["access-after-refresh-b", "access-after-refresh-b"])
    expect(platform.requests).toHaveLength(1)
    expect(account((await first.store.read()).credential).accessToken).toBe("access-a")
  })

  it("never gets the other account's token, even if its own is refused", async () => {
    const platform = fakePlatform({ rest: json(DEAD_REFRESH_TOKEN, 400) })
    const { store, accounts } = hostProcess(await temporaryFolder(), platform)
    await put(store, accountTokens("a", { expiresAt: START + 60 * MINUTE }))

    await expect((await accounts.find(accountTokens("b"))).getCredential()).rejects.toMatchObject({
      code: "token_refresh_failed",
    })
  })

  it("is found again by a later process with an older token", async () => {
    const home = await temporaryFolder()
    const platform = rotatingService()
    const before = hostProcess(home, platform)
    await put(before.store, accountTokens("a"))
    await accessToken(await before.accounts.find(accountTokens("b")))

    const after = hostProcess(home, platform)
    expect(await accessToken(await after.accounts.find(accountTokens("b")))).toBe("access-after-refresh-b")
    expect(platform.requests).toHaveLength(1)
  })
})

describe("a new sign-in", () => {
  it("becomes the account of this computer, and the previous one keeps its newest token", async () => {
    const home = await temporaryFolder()
    const platform = rotatingService()
    const { store, accounts } = hostProcess(home, platform)
    await put(store, accountTokens("a"))
    await accessToken(await accounts.find(accountTokens("a")))

    await accounts.signIn(accountTokens("b", { expiresAt: START + 60 * MINUTE }))

    expect(account((await store.read()).credential).accessToken).toBe("access-b")
    const later = hostProcess(home, platform)
    expect(await accessToken(await later.accounts.find(accountTokens("a")))).toBe("access-after-refresh-a")
    expect(await accessToken(await accounts.find(accountTokens("a")))).toBe("access-after-refresh-a")
    expect(platform.requests).toHaveLength(1)
    expect((await readdir(join(home, "qwen", "accounts"))).filter((name) => name.endsWith(".json"))).toHaveLength(1)
  })

  it("during a refresh of the previous account does not get its tokens", async () => {
    const home = await temporaryFolder()
    const platform = rotatingService()
    const { store, accounts } = hostProcess(home, platform)
    await put(store, accountTokens("a"))
    const manager = await accounts.find(accountTokens("a"))

    const [token] = await Promise.all([accessToken(manager), accounts.signIn(accountTokens("b"))])

    expect(token).toBe("access-after-refresh-a")
    expect(account((await store.read()).credential).refreshToken).toBe("refresh-b")
    expect(await accessToken(await hostProcess(home, platform).accounts.find(accountTokens("a")))).toBe(
      "access-after-refresh-a",
    )
    expect(platform.requests).toHaveLength(1)
  })
})

describe("with Qwen Code's shared sign-in", () => {
  async function sharing() {
    const platform = rotatingService()
    const store = memoryStore(accountTokens("of-qwen-code", { expiresAt: START + 60 * MINUTE }))
    const tokenFile = join(await temporaryFolder(), "oauth_token.json")
    const own = credentialFile(tokenFile, { platform })
    const stores = { own, "qwen-code": store }
    const signIn = { stores, store, choice: async () => "qwen-code" as const, use: () => {} }
    const accountManager = (host: { store: CredentialStore } = { store }) =>
      new CredentialManager({ platform, server: SERVER, ...host })
    const accounts = hostAccounts({ platform, settings: { tokenFile }, local: { signIn, accountManager } })
    return { accounts, own }
  }

  it("the account in its file is used, because Qwen Code refreshes it itself", async () => {
    const { accounts } = await sharing()
    expect(await accessToken(await accounts.find(accountTokens("a")))).toBe("access-of-qwen-code")
  })

  it("the account of the plugin's own file is refreshed there", async () => {
    const { accounts, own } = await sharing()
    await put(own, accountTokens("a"))

    expect(await accessToken(await accounts.find(accountTokens("a")))).toBe("access-after-refresh-a")
    expect(account((await own.read()).credential).accessToken).toBe("access-after-refresh-a")
  })
})
