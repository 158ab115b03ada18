import { account } from "qwen-auth-testing/account"
import { failureOf } from "qwen-auth-testing/failure-of"
import { gate, settle } from "qwen-auth-testing/gate"
import { another, expiring, managed, renewal } from "qwen-auth-testing/managed"
import { after, page } from "qwen-auth-testing/replies"
import { credential, HOUR, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { QwenAuthError } from "../errors.ts"
import { secretOf } from "./credential.ts"
import type { CredentialManager } from "./credential-manager.ts"
import type { Stored } from "./credential-store.ts"

const fresh = credential({ accessToken: "access-new", refreshToken: "refresh-new" })

/** The error code of a request while nobody is signed in. */
const signedOut = async (manager: CredentialManager) => (await failureOf(manager.getCredential())).code

/** Lets the test decide when a removal from the store ends. */
function slowRemoval(store: ReturnType<typeof managed>["store"]) {
  const removal = gate()
  const { clear } = store
  store.clear = async () => {
    await removal.promise
    await clear()
  }
  return removal
}

describe("a sign-out", () => {
  it("removes the credential from the store and from memory", async () => {
    const { manager, store, platform } = managed({ stored: credential() })
    await manager.getCredential()
    await manager.clear()
    expect(store.stored).toEqual({})
    expect(await signedOut(manager)).toBe("authentication_required")
    expect((await failureOf(manager.refresh(credential()))).code).toBe("authentication_required")
    platform.pass(HOUR)
    expect(await signedOut(manager)).toBe("authentication_required")
    expect(platform.requests).toEqual([])
  })

  it.each([
    ["nobody is signed in", {}],
    ["the store was not read before", { stored: credential() }],
  ])("succeeds, also twice, if %s", async (_, options) => {
    const { manager, store } = managed(options)
    await manager.clear()
    await manager.clear()
    expect(store.stored).toEqual({})
    expect(await signedOut(manager)).toBe("authentication_required")
  })

  it("also removes a credential that cannot be used", async () => {
    const { manager, store } = managed()
    store.stored = { problem: await failureOf(managed().manager.getCredential()) }
    await manager.clear()
    expect(store.stored).toEqual({})
  })

  it("is followed by a sign-in that is used immediately", async () => {
    const { manager, store } = managed({ stored: credential() })
    await manager.clear()
    await manager.setCredential(fresh)
    expect(await manager.getCredential()).toEqual(fresh)
    expect(store.stored).toEqual({ credential: fresh })
  })

  it("is not undone by an earlier read of the store", async () => {
    const { manager, store } = managed({ stored: credential() })
    const { read } = store
    const slow = gate<Stored>()
    store.read = () => slow.promise
    const reading = failureOf(manager.getCredential())
    store.read = read
    await manager.clear()
    slow.open({ credential: credential() })
    expect((await reading).code).toBe("authentication_required")
    expect(await signedOut(manager)).toBe("authentication_required")
  })

  it("is not undone by a read of the store during the removal", async () => {
    const { manager, store } = managed({ stored: credential() })
    const removal = slowRemoval(store)
    const clearing = manager.clear()
    await settle()
    await manager.refresh(credential({ accessToken: "access-before" }))
    removal.open()
    await clearing
    expect(await signedOut(manager)).toBe("authentication_required")
  })

  it("that does not get the lock is an error and keeps the sign-in", async () => {
    const { manager, store } = managed({ stored: credential() })
    await manager.getCredential()
    store.locked = true
    expect((await failureOf(manager.clear())).code).toBe("credential_locked")
    expect(store.stored).toEqual({ credential: credential() })
    expect(await manager.getCredential()).toEqual(credential())
  })
})

describe("a sign-out that fails in the store", () => {
  it.each([
    ["keeps the sign-in if the store still returns it", { credential: expiring(0) }, "access-2"],
    ["counts if the store returns nothing any more", {}, undefined],
  ])("%s", async (_, left, served) => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [renewal(2)] })
    store.full = true
    await manager.getCredential()
    store.clear = async () => {
      store.stored = left
      throw new QwenAuthError("credential_not_stored", "The keychain does not answer.")
    }
    expect((await failureOf(manager.clear())).message).toBe("The keychain does not answer.")
    store.full = false
    platform.pass(HOUR)
    const current = await manager.getCredential().catch(() => undefined)
    expect(current && account(current).accessToken).toBe(served)
    await settle()
    expect(store.stored.credential && account(store.stored.credential).accessToken).toBe(served)
  })
})

describe("a sign-out during a refresh", () => {
  it("waits until the refresh has ended, and removes what it stored", async () => {
    const answer = gate()
    const { manager, store } = managed({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const refreshing = manager.getCredential()
    await settle()
    const clearing = manager.clear()
    await settle()
    expect(store.stored.credential).toBeDefined()
    answer.open()
    // The request that waited for the refresh still gets its result.
    expect(account(await refreshing).accessToken).toBe("access-2")
    await clearing
    expect(store.stored).toEqual({})
    expect(await signedOut(manager)).toBe("authentication_required")
  })

  it("ends a refresh that waits for the lock: nothing is sent or stored again", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [renewal(2)] })
    const removal = slowRemoval(store)
    const clearing = manager.clear()
    const refreshing = failureOf(manager.getCredential())
    await settle()
    removal.open()
    await clearing
    expect((await refreshing).code).toBe("authentication_required")
    expect(platform.requests).toEqual([])
    expect(store.stored).toEqual({})
  })

  it("ends a refresh that waits for the lock although the token is still valid", async () => {
    const { manager, store, platform } = managed({ stored: expiring(MINUTE), replies: [renewal(2)] })
    const removal = slowRemoval(store)
    const clearing = manager.clear()
    const refreshing = [failureOf(manager.getCredential()), failureOf(manager.refresh(expiring(MINUTE)))]
    await settle()
    removal.open()
    await clearing
    expect((await Promise.all(refreshing)).map(({ code }) => code)).toEqual([
      "authentication_required",
      "authentication_required",
    ])
    expect([platform.requests, store.writes]).toEqual([[], []])
  })

  it("keeps a refresh that lost its lock from storing its credential under the next one", async () => {
    const answer = gate()
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const refreshing = manager.getCredential()
    await settle()
    store.takenOver = true
    const clearing = manager.clear()
    answer.open()
    await Promise.all([refreshing, clearing])
    await settle()
    expect(store.stored).toEqual({})
    expect(await signedOut(manager)).toBe("authentication_required")
    platform.pass(HOUR)
    expect(await signedOut(manager)).toBe("authentication_required")
  })

  it("succeeds if the refresh fails with a transient error", async () => {
    const answer = gate()
    const replies = [after(answer.promise, page(502))]
    const { manager, store } = managed({ stored: expiring(0), replies, rest: page(502), autoAdvance: true })
    const refreshing = failureOf(manager.getCredential())
    await settle()
    const clearing = manager.clear()
    answer.open()
    expect((await refreshing).code).toBe("token_refresh_unavailable")
    await clearing
    expect(store.stored).toEqual({})
    expect(await signedOut(manager)).toBe("authentication_required")
  })
})

describe("a sign-out with a credential that could not be stored", () => {
  it.each([
    ["in an empty store", undefined],
    ["in place of an old credential", expiring(0)],
  ])("forgets it: %s", async (_, stored) => {
    const { manager, store, platform } = managed({ stored })
    store.full = true
    expect((await failureOf(manager.setCredential(fresh))).code).toBe("credential_not_stored")
    expect(await manager.getCredential()).toEqual(fresh)
    await manager.clear()
    store.full = false
    for (const ms of [0, 5_000, 30_000, HOUR]) {
      platform.pass(ms)
      expect(await signedOut(manager)).toBe("authentication_required")
      await settle()
    }
    expect([store.stored, store.writes]).toEqual([{}, []])
  })

  it("forgets it if it was refreshed", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [renewal(2)] })
    store.full = true
    expect(secretOf(await manager.getCredential())).toBe("access-2")
    await manager.clear()
    store.full = false
    platform.pass(30_000)
    expect(await signedOut(manager)).toBe("authentication_required")
    await settle()
    expect([store.stored, store.writes]).toEqual([{}, []])
  })

  it("waits if it is just being stored, and removes it", async () => {
    const { manager, store, platform } = managed()
    store.full = true
    await failureOf(manager.setCredential(fresh))
    store.full = false
    platform.pass(30_000)
    await manager.getCredential()
    await manager.clear()
    await settle()
    expect(store.writes).toEqual([fresh])
    expect(store.stored).toEqual({})
    expect(await signedOut(manager)).toBe("authentication_required")
  })
})

describe("a sign-in by another process", () => {
  it("is seen at once if nobody was signed in", async () => {
    const { manager, store } = managed()
    expect(await signedOut(manager)).toBe("authentication_required")
    store.stored = { credential: another() }
    expect(await manager.getCredential()).toEqual(another())
  })

  it("is seen at once after a sign-out here", async () => {
    const { manager, store } = managed({ stored: credential() })
    await manager.clear()
    store.stored = { credential: another() }
    expect(await manager.getCredential()).toEqual(another())
  })

  it("is seen at once if the stored credential could not be used", async () => {
    const { manager, store } = managed()
    const problem = await failureOf(managed().manager.getCredential())
    store.stored = { problem }
    expect(await failureOf(manager.getCredential())).toBe(problem)
    store.stored = { credential: another() }
    expect(await manager.getCredential()).toEqual(another())
  })

  it("is then cached like any other", async () => {
    const { manager, store } = managed()
    await signedOut(manager)
    store.stored = { credential: another() }
    await manager.getCredential()
    const { reads } = store
    await manager.getCredential()
    expect(store.reads).toBe(reads)
  })
})
