import { account } from "qwen-auth-testing/account"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { expiring, renewal } from "qwen-auth-testing/managed"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { HOUR, MINUTE, SERVER } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { CredentialManager } from "./credential-manager.ts"
import type { CredentialStore } from "./credential-store.ts"

const REQUEST_EVERY_MS = 6_000
const LASTING_MS = 20 * MINUTE

/** Processes that share a store. The server issues tokens that live `expiresInS`. */
function shared(expiresInS: number, { dated = false } = {}) {
  const rest: Reply = (request) => {
    const headers: Record<string, string> = dated ? { date: new Date(platform.now()).toUTCString() } : {}
    return renewal(platform.requests.length + 1, { expires_in: expiresInS }, headers)(request)
  }
  const platform = fakePlatform({ rest, autoAdvance: false })
  const store = memoryStore(expiring(0))
  /** @param aheadMs how far the clock of the process is ahead of the server's */
  const start = (from: CredentialStore = store, aheadMs = 0) =>
    new CredentialManager({
      platform: { ...platform, now: () => platform.now() + aheadMs },
      server: SERVER,
      store: from,
    })
  /** Makes a request every few seconds, each in the next process. @returns the number of refreshes */
  const work = async (next: (request: number) => CredentialManager | undefined) => {
    for (let request = 0; request * REQUEST_EVERY_MS < LASTING_MS; request++) {
      const credential = await next(request)?.getCredential()
      expect(account(credential).expiresAt).toBeGreaterThan(platform.now())
      platform.pass(REQUEST_EVERY_MS)
    }
    return platform.requests.length
  }
  return { platform, store, start, work }
}

/** The number of tokens if each is used for half of its life, or until 5 minutes are left. */
const needed = (expiresInS: number) => {
  const usedMs = expiresInS * 1000 - Math.min(5 * MINUTE, (expiresInS * 1000) / 2)
  return Math.ceil(LASTING_MS / usedMs)
}

describe.each([60, 240, 290, 600, 3_600])("tokens that live %i s", (expiresInS) => {
  it.each([1, 2, 5])("are not refreshed more often by %i processes that share them than by one", async (count) => {
    const { start, work } = shared(expiresInS)
    const processes = Array.from({ length: count }, () => start())
    expect(await work((request) => processes[request % count])).toBeLessThanOrEqual(needed(expiresInS))
  })

  it("are not refreshed by each process that starts", async () => {
    const { start, work } = shared(expiresInS)
    expect(await work(() => start())).toBeLessThanOrEqual(needed(expiresInS))
  })

  it("cost one refresh more per process if the store does not keep their lifetime", async () => {
    const { store, start, work } = shared(expiresInS)
    const forgetful: CredentialStore = {
      ...store,
      read: async () => {
        const { credential } = await store.read()
        return credential === undefined ? {} : { credential: { ...credential, expiresInS: undefined } }
      },
    }
    const processes = [start(forgetful), start(forgetful)]
    expect(await work((request) => processes[request % 2])).toBeLessThanOrEqual(needed(expiresInS) + 1)
  })

  it.each([12 * HOUR, 3 * MINUTE, -3 * MINUTE, -12 * HOUR])(
    "cost one refresh more if the clock of a process is %i ms ahead of the server's",
    async (aheadMs) => {
      const { store, start, work } = shared(expiresInS, { dated: true })
      const [right, wrong] = [start(), start(store, aheadMs)]
      // Responses of the API have the server's time too. Here only those of the authorization server have it.
      const next = (request: number) => (request % 2 === 0 ? right : wrong)
      expect(await work(next)).toBeLessThanOrEqual(needed(expiresInS) + 1)
    },
  )
})
