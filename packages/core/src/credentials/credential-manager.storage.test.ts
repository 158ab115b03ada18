import { describe, expect, it } from "vitest"
import { failureOf } from "../testing/failure-of.ts"
import { settle } from "../testing/gate.ts"
import { another, expiring, managed, renewal } from "../testing/managed.ts"
import { credential, HOUR, MINUTE } from "../testing/samples.ts"
import type { CredentialManager } from "./credential-manager.ts"

describe("a renewed credential that cannot be stored", () => {
  it("serves this process, with a warning, and is published", async () => {
    const { manager, store, world, published, warnings } = managed({ stored: expiring(0), replies: [renewal(2)] })
    store.full = true
    expect((await manager.current()).accessToken).toBe("access-2")
    expect(warnings()).toEqual(["The renewed sign-in could not be stored; it serves this process."])
    expect(published.map(({ accessToken }) => accessToken)).toEqual(["access-2"])
    world.pass(HOUR)
    expect((await manager.current()).accessToken).toBe("access-2")
    expect(world.requests).toHaveLength(1)
  })

  it("is itself renewed with its own refresh token", async () => {
    const { manager, store, world } = managed({ stored: expiring(0), replies: [renewal(2), renewal(3), renewal(4)] })
    store.full = true
    await manager.current()
    world.pass(6 * HOUR)
    await manager.current()
    world.pass(6 * HOUR)
    expect((await manager.current()).accessToken).toBe("access-4")
    expect(world.requests.map(({ form }) => form["refresh_token"])).toEqual(["refresh-1", "refresh-2", "refresh-3"])
  })

  it("gives way to what another process stores", async () => {
    const { manager, store, world } = managed({ stored: expiring(0), replies: [renewal(2)] })
    store.full = true
    await manager.current()
    store.held = { credential: credential({ accessToken: "access-of-another" }) }
    world.pass(5_000)
    expect((await manager.current()).accessToken).toBe("access-of-another")
  })
})

describe("a renewed credential that could not be stored", () => {
  async function unstored() {
    const all = managed({ stored: expiring(0), replies: [renewal(2)] })
    all.store.full = true
    await all.manager.current()
    return all
  }

  it("is tried again after 30 s, by requests that do not wait for it, and then stored", async () => {
    const { manager, store, world } = await unstored()
    store.full = false
    world.pass(29_999)
    await manager.current()
    await settle()
    expect(store.writes).toEqual([])
    world.pass(5_001)
    expect((await manager.current()).accessToken).toBe("access-2")
    await settle()
    expect(store.writes.map(({ accessToken }) => accessToken)).toEqual(["access-2"])
    world.pass(HOUR)
    await manager.current()
    await settle()
    expect(store.writes).toHaveLength(1)
  })

  it("is tried again every 30 s, with a warning each time it fails", async () => {
    const { manager, world, warnings } = await unstored()
    for (const ms of [30_000, 29_999, 30_000]) {
      world.pass(ms)
      await manager.current()
      await settle()
    }
    expect(warnings().slice(1)).toEqual([
      "The sign-in still could not be stored; it serves this process.",
      "The sign-in still could not be stored; it serves this process.",
    ])
  })

  it("is tried again when the clock went back", async () => {
    const { manager, store, world } = await unstored()
    store.full = false
    world.pass(-HOUR)
    await manager.current()
    await settle()
    expect(store.writes).toHaveLength(1)
  })

  it("is not stored over what another process stored between two attempts", async () => {
    const { manager, store, world } = await unstored()
    store.full = false
    const { read } = store
    store.read = async () => {
      const before = await read()
      // Another process is faster than the attempt that this read leads to.
      store.held = { credential: another() }
      return before
    }
    world.pass(30_000)
    await manager.current()
    await settle()
    expect(store.writes).toEqual([])
    world.pass(5_000)
    expect(await manager.current()).toEqual(another())
  })

  it("is gone when the person signed out elsewhere", async () => {
    const { manager, store, world } = await unstored()
    await store.clear()
    world.pass(5_000)
    expect((await failureOf(manager.current())).code).toBe("authentication_required")
  })
})

describe("a turn that was lost while the server answered", () => {
  it("is followed by one of its own, which stores what the store still needs", async () => {
    const { manager, store, published } = managed({
      stored: expiring(0),
      replies: [
        (request) => {
          store.takenOver = true
          return renewal(2)(request)
        },
      ],
    })
    const renewed = await manager.current()
    expect(renewed.accessToken).toBe("access-2")
    expect(store.writes).toEqual([renewed])
    expect(published).toEqual([renewed])
    expect(await manager.current()).toEqual(renewed)
  })

  it("sends nothing when it was lost before: two that show one refresh token can cost the sign-in", async () => {
    const { manager, store, world } = managed({ stored: expiring(0), replies: [renewal(2)] })
    store.takenOver = true
    expect((await failureOf(manager.current())).code).toBe("token_refresh_unavailable")
    expect(world.requests).toEqual([])
  })

  it("leaves alone what the new holder stored, and uses that from then on", async () => {
    const { manager, store, world, published } = managed({
      stored: expiring(0),
      replies: [
        (request) => {
          store.takenOver = true
          store.held = { credential: another() }
          return renewal(2)(request)
        },
      ],
    })
    await manager.current()
    expect([store.writes, published]).toEqual([[], []])
    world.pass(5_000)
    expect(await manager.current()).toEqual(another())
    expect(world.requests).toHaveLength(1)
  })

  it("does not undo a sign-in: that replaces what the new holder made of the old account", async () => {
    const { manager, store } = managed({ stored: credential() })
    const { exclusive } = store
    store.takenOver = true
    store.exclusive = async (task) => {
      const outcome = await exclusive(task)
      if (outcome === "lost") store.held = { credential: credential({ accessToken: "access-2" }) }
      return outcome
    }
    await manager.adopt(another())
    expect(store.held).toEqual({ credential: another() })
    expect(await manager.current()).toEqual(another())
  })

  it("twice is an error of a sign-in, which serves this process all the same", async () => {
    const { manager, store } = managed({ stored: credential() })
    const { exclusive } = store
    store.exclusive = async (task) => {
      store.takenOver = true
      return exclusive(task)
    }
    expect((await failureOf(manager.adopt(another()))).code).toBe("credential_locked")
    expect(await manager.current()).toEqual(another())
  })

  it("counts for a sign-in, too", async () => {
    const { manager, store } = managed({ stored: credential() })
    store.takenOver = true
    await manager.adopt(another())
    expect(store.writes).toEqual([another()])
    expect(await manager.current()).toEqual(another())
  })
})

it("a credential that came too late, since another program stored a newer one, gives way to that", async () => {
  const { manager, store, published, warnings } = managed({ stored: expiring(0), replies: [renewal(2)] })
  store.exclusive = (task) =>
    task({
      held: async () => true,
      reserve: async () => {},
      async write() {
        store.held = { credential: another() }
        return "superseded"
      },
    })
  expect(await manager.current()).toEqual(another())
  expect(published).toEqual([another()])
  expect(await manager.current()).toEqual(another())
  expect(warnings()).toEqual([])
})

describe("no room for a renewed credential", () => {
  it("while the token is valid: nothing is refreshed, the old token serves, with a warning", async () => {
    const { manager, store, world, warnings } = managed({ stored: expiring(MINUTE), replies: [renewal(2)] })
    store.full = true
    expect((await manager.current()).accessToken).toBe("access-1")
    expect(world.requests).toHaveLength(0)
    expect(warnings()).toEqual(["The token could not be renewed now; the present one still works."])
    store.full = false
    world.pass(30_000)
    expect((await manager.current()).accessToken).toBe("access-2")
    expect(store.writes).toHaveLength(1)
  })

  it.each([
    ["has ended", 0, (manager: CredentialManager) => manager.current()],
    ["was rejected", HOUR, (manager: CredentialManager) => manager.renew(expiring(HOUR))],
  ])("when the token %s: it is refreshed all the same and serves this process", async (_, leftMs, ask) => {
    const { manager, store, world } = managed({ stored: expiring(leftMs), replies: [renewal(2)] })
    store.full = true
    expect((await ask(manager)).accessToken).toBe("access-2")
    expect([world.requests.length, store.writes.length]).toEqual([1, 0])
  })
})
