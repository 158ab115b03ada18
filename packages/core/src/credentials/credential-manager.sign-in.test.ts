import { describe, expect, it } from "vitest"
import { failureOf } from "../testing/failure-of.ts"
import { gate, settle } from "../testing/gate.ts"
import { another, expiring, managed, refusal, renewal } from "../testing/managed.ts"
import { after } from "../testing/replies.ts"
import { credential, HOUR } from "../testing/samples.ts"
import type { Stored } from "./credential-store.ts"

describe("a sign-in that just ended well", () => {
  const fresh = credential({ accessToken: "access-new", refreshToken: "refresh-new" })

  it("that does not get its turn is an error, and serves this process all the same", async () => {
    const { manager, store, world } = managed({ stored: expiring(0) })
    store.locked = true
    expect((await failureOf(manager.adopt(fresh))).code).toBe("credential_locked")
    store.locked = false
    expect(await manager.current()).toEqual(fresh)
    world.pass(30_000)
    expect(await manager.current()).toEqual(fresh)
    await settle()
    expect(store.held).toEqual({ credential: fresh })
  })

  it("replaces what was there, at once", async () => {
    const { manager, store } = managed({ stored: credential() })
    await manager.current()
    await manager.adopt(fresh)
    expect(await manager.current()).toEqual(fresh)
    expect(store.held).toEqual({ credential: fresh })
  })

  it("counts at once although nobody was signed in a moment before", async () => {
    const { manager } = managed()
    await failureOf(manager.current())
    await manager.adopt(fresh)
    expect(await manager.current()).toEqual(fresh)
  })

  it("is not undone by a look at the store that began before", async () => {
    const { manager, store } = managed()
    const slow = gate<Stored>()
    store.read = () => slow.promise
    const looking = failureOf(manager.current())
    store.read = async () => store.held
    await manager.adopt(fresh)
    slow.open({})
    await looking.catch(() => {})
    expect(await manager.current()).toEqual(fresh)
  })

  it("ends the state of being refused", async () => {
    const { manager } = managed({ stored: expiring(0), replies: [refusal] })
    await failureOf(manager.current())
    await manager.adopt(fresh)
    expect(await manager.current()).toEqual(fresh)
  })

  it("waits for a renewal that runs, and is not overwritten by it", async () => {
    const answer = gate()
    const { manager, store } = managed({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const renewing = manager.current()
    await settle()
    const adopting = manager.adopt(fresh)
    await settle()
    answer.open()
    await Promise.all([renewing, adopting])
    expect(store.held).toEqual({ credential: fresh })
    expect(await manager.current()).toEqual(fresh)
  })

  it("waits until a renewal that runs has told the host, so that the host hears of the new sign-in last", async () => {
    const telling = gate()
    const publish = () => telling.promise
    const { manager, store, published } = managed({ stored: expiring(0), replies: [renewal(2)], publish })
    const renewing = manager.current()
    await settle()
    const adopting = manager.adopt(fresh)
    await settle()
    expect([published.length, store.held.credential?.accessToken]).toEqual([1, "access-2"])
    telling.open()
    await Promise.all([renewing, adopting])
    expect(store.held).toEqual({ credential: fresh })
    expect(published).toHaveLength(1)
  })

  it("is what a renewal gets that is wanted while it is being stored: nothing is sent for the old one", async () => {
    const { manager, store, world } = managed({ stored: expiring(0) })
    const busy = gate()
    const turn = store.exclusive(() => busy.promise)
    const adopting = manager.adopt(fresh)
    const wanted = [manager.current(), manager.renew(expiring(0))]
    await settle()
    busy.open()
    await Promise.all([turn, adopting])
    expect(await Promise.all(wanted)).toEqual([fresh, fresh])
    expect(world.requests).toEqual([])
  })

  it("is what such a renewal gets also when it cannot be stored", async () => {
    const { manager, store, world } = managed({ stored: expiring(0) })
    store.full = true
    const adopting = failureOf(manager.adopt(fresh))
    expect(await manager.renew(expiring(0))).toEqual(fresh)
    expect((await adopting).code).toBe("credential_not_stored")
    expect(world.requests).toEqual([])
  })

  it("counts in place of one that ended a moment before", async () => {
    const { manager, store } = managed({ stored: credential() })
    await Promise.all([manager.adopt(another()), manager.adopt(fresh)])
    expect(store.held).toEqual({ credential: fresh })
    expect(await manager.current()).toEqual(fresh)
  })

  it.each([
    ["nothing", undefined],
    ["an old sign-in", expiring(0)],
  ])("that cannot be stored over %s is an error, and serves this process all the same", async (_, stored) => {
    const { manager, store, world } = managed(stored === undefined ? {} : { stored })
    store.full = true
    expect((await failureOf(manager.adopt(fresh))).code).toBe("credential_not_stored")
    expect(await manager.current()).toEqual(fresh)
    world.pass(HOUR)
    expect(await manager.current()).toEqual(fresh)
  })
})
