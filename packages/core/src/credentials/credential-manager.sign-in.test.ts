import { account } from "qwen-auth-testing/account"
import { failureOf } from "qwen-auth-testing/failure-of"
import { gate, settle } from "qwen-auth-testing/gate"
import { another, expiring, managed, refusal, renewal } from "qwen-auth-testing/managed"
import { after } from "qwen-auth-testing/replies"
import { credential, HOUR } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import type { Stored } from "./credential-store.ts"

describe("a new sign-in", () => {
  const fresh = credential({ accessToken: "access-new", refreshToken: "refresh-new" })

  it("that does not get the lock is an error, but is used by this process", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0) })
    store.locked = true
    expect((await failureOf(manager.setCredential(fresh))).code).toBe("credential_locked")
    store.locked = false
    expect(await manager.getCredential()).toEqual(fresh)
    platform.pass(30_000)
    expect(await manager.getCredential()).toEqual(fresh)
    await settle()
    expect(store.stored).toEqual({ credential: fresh })
  })

  it("replaces the stored credential immediately", async () => {
    const { manager, store } = managed({ stored: credential() })
    await manager.getCredential()
    await manager.setCredential(fresh)
    expect(await manager.getCredential()).toEqual(fresh)
    expect(store.stored).toEqual({ credential: fresh })
  })

  it("is used immediately if nobody was signed in", async () => {
    const { manager } = managed()
    await failureOf(manager.getCredential())
    await manager.setCredential(fresh)
    expect(await manager.getCredential()).toEqual(fresh)
  })

  it("is not undone by a read of the store that started before", async () => {
    const { manager, store } = managed()
    const slow = gate<Stored>()
    store.read = () => slow.promise
    const reading = failureOf(manager.getCredential())
    store.read = async () => store.stored
    await manager.setCredential(fresh)
    slow.open({})
    await reading.catch(() => {})
    expect(await manager.getCredential()).toEqual(fresh)
  })

  it("resets a permanent refusal", async () => {
    const { manager } = managed({ stored: expiring(0), replies: [refusal] })
    await failureOf(manager.getCredential())
    await manager.setCredential(fresh)
    expect(await manager.getCredential()).toEqual(fresh)
  })

  it("waits for a pending refresh and is not overwritten by it", async () => {
    const answer = gate()
    const { manager, store } = managed({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const refreshing = manager.getCredential()
    await settle()
    const storing = manager.setCredential(fresh)
    await settle()
    answer.open()
    await Promise.all([refreshing, storing])
    expect(store.stored).toEqual({ credential: fresh })
    expect(await manager.getCredential()).toEqual(fresh)
  })

  it("waits until a pending refresh is published, so that the new sign-in is published last", async () => {
    const publishing = gate()
    const publish = () => publishing.promise
    const { manager, store, published } = managed({ stored: expiring(0), replies: [renewal(2)], publish })
    const refreshing = manager.getCredential()
    await settle()
    const storing = manager.setCredential(fresh)
    await settle()
    expect([published.length, account(store.stored.credential).accessToken]).toEqual([1, "access-2"])
    publishing.open()
    await Promise.all([refreshing, storing])
    expect(store.stored).toEqual({ credential: fresh })
    expect(published).toHaveLength(1)
  })

  it("is the result of a refresh that is requested while it is being stored, without a request", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0) })
    const busy = gate()
    const lock = store.withLock(() => busy.promise)
    const storing = manager.setCredential(fresh)
    const requested = [manager.getCredential(), manager.refresh(expiring(0))]
    await settle()
    busy.open()
    await Promise.all([lock, storing])
    expect(await Promise.all(requested)).toEqual([fresh, fresh])
    expect(platform.requests).toEqual([])
  })

  it("is the result of such a refresh even if it cannot be stored", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0) })
    store.full = true
    const storing = failureOf(manager.setCredential(fresh))
    expect(await manager.refresh(expiring(0))).toEqual(fresh)
    expect((await storing).code).toBe("credential_not_stored")
    expect(platform.requests).toEqual([])
  })

  it("replaces another sign-in that ended a moment before", async () => {
    const { manager, store } = managed({ stored: credential() })
    await Promise.all([manager.setCredential(another()), manager.setCredential(fresh)])
    expect(store.stored).toEqual({ credential: fresh })
    expect(await manager.getCredential()).toEqual(fresh)
  })

  it.each([
    ["nothing", undefined],
    ["an old sign-in", expiring(0)],
  ])("that cannot be stored in place of %s is an error, but is used by this process", async (_, stored) => {
    const { manager, store, platform } = managed({ stored })
    store.full = true
    expect((await failureOf(manager.setCredential(fresh))).code).toBe("credential_not_stored")
    expect(await manager.getCredential()).toEqual(fresh)
    platform.pass(HOUR)
    expect(await manager.getCredential()).toEqual(fresh)
  })
})
