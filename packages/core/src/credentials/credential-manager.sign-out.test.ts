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

/** Why nobody is signed in, if that is so. */
const signedOut = async (manager: CredentialManager) => (await failureOf(manager.getCredential())).code

/** Lets a removal from the store take its time. */
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
    ["nobody was signed in", {}],
    ["nothing was read before", { stored: credential() }],
  ])("is none the worse when %s", async (_, options) => {
    const { manager, store } = managed(options)
    await manager.clear()
    await manager.clear()
    expect(store.stored).toEqual({})
    expect(await signedOut(manager)).toBe("authentication_required")
  })

  it("removes what cannot be used, too", async () => {
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
    const looking = failureOf(manager.getCredential())
    store.read = read
    await manager.clear()
    slow.open({ credential: credential() })
    expect((await looking).code).toBe("authentication_required")
    expect(await signedOut(manager)).toBe("authentication_required")
  })

  it("is not undone by a read of the store while it is being cleared", async () => {
    const { manager, store } = managed({ stored: credential() })
    const removal = slowRemoval(store)
    const clearing = manager.clear()
    await settle()
    await manager.refresh(credential({ accessToken: "access-before" }))
    removal.open()
    await clearing
    expect(await signedOut(manager)).toBe("authentication_required")
  })

  it("that does not get the lock is an error, and the sign-in is kept", async () => {
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
    ["and gives the sign-in out all the same leaves it as it was", { credential: expiring(0) }, "access-2"],
    ["but that gives nothing out any more counts here", {}, undefined],
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
  it("that holds the lock waits for it and removes what it stored", async () => {
    const answer = gate()
    const { manager, store } = managed({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const renewing = manager.getCredential()
    await settle()
    const clearing = manager.clear()
    await settle()
    expect(store.stored.credential).toBeDefined()
    answer.open()
    // The request that waited for the renewal still gets what that brought.
    expect(account(await renewing).accessToken).toBe("access-2")
    await clearing
    expect(store.stored).toEqual({})
    expect(await signedOut(manager)).toBe("authentication_required")
  })

  it("that waits for the lock ends the refresh: nothing is sent or stored again", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [renewal(2)] })
    const removal = slowRemoval(store)
    const clearing = manager.clear()
    const renewing = failureOf(manager.getCredential())
    await settle()
    removal.open()
    await clearing
    expect((await renewing).code).toBe("authentication_required")
    expect(platform.requests).toEqual([])
    expect(store.stored).toEqual({})
  })

  it("that waits for the lock ends it although the token is still valid", async () => {
    const { manager, store, platform } = managed({ stored: expiring(MINUTE), replies: [renewal(2)] })
    const removal = slowRemoval(store)
    const clearing = manager.clear()
    const renewing = [failureOf(manager.getCredential()), failureOf(manager.refresh(expiring(MINUTE)))]
    await settle()
    removal.open()
    await clearing
    expect((await Promise.all(renewing)).map(({ code }) => code)).toEqual([
      "authentication_required",
      "authentication_required",
    ])
    expect([platform.requests, store.writes]).toEqual([[], []])
  })

  it("whose lock was lost is not stored again under the next lock", async () => {
    const answer = gate()
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const renewing = manager.getCredential()
    await settle()
    store.takenOver = true
    const clearing = manager.clear()
    answer.open()
    await Promise.all([renewing, clearing])
    await settle()
    expect(store.stored).toEqual({})
    expect(await signedOut(manager)).toBe("authentication_required")
    platform.pass(HOUR)
    expect(await signedOut(manager)).toBe("authentication_required")
  })

  it("that fails with a transient error signs out as usual", async () => {
    const answer = gate()
    const replies = [after(answer.promise, page(502))]
    const { manager, store } = managed({ stored: expiring(0), replies, rest: page(502), autoAdvance: true })
    const renewing = failureOf(manager.getCredential())
    await settle()
    const clearing = manager.clear()
    answer.open()
    expect((await renewing).code).toBe("token_refresh_unavailable")
    await clearing
    expect(store.stored).toEqual({})
    expect(await signedOut(manager)).toBe("authentication_required")
  })
})

describe("a sign-out with a credential that could not be stored", () => {
  it.each([
    ["in place of nothing", undefined],
    ["in place of an old one", expiring(0)],
  ])("%s forgets it", async (_, stored) => {
    const { manager, store, platform } = managed(stored === undefined ? {} : { stored })
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

  it("forgets a renewed one, too", async () => {
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

  it("that is just being stored waits for that, and removes it", async () => {
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
  it("is seen at once when nobody was signed in", async () => {
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

  it("is seen at once when what was there could not be used", async () => {
    const { manager, store } = managed()
    const problem = await failureOf(managed().manager.getCredential())
    store.stored = { problem }
    expect(await failureOf(manager.getCredential())).toBe(problem)
    store.stored = { credential: another() }
    expect(await manager.getCredential()).toEqual(another())
  })

  it("is from then on taken on trust for a while, as any", async () => {
    const { manager, store } = managed()
    await signedOut(manager)
    store.stored = { credential: another() }
    await manager.getCredential()
    const { reads } = store
    await manager.getCredential()
    expect(store.reads).toBe(reads)
  })
})
