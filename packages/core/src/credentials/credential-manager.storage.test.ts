import { account } from "qwen-auth-testing/account"
import { failureOf } from "qwen-auth-testing/failure-of"
import { settle } from "qwen-auth-testing/gate"
import { another, expiring, managed, renewal } from "qwen-auth-testing/managed"
import { credential, HOUR, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { secretOf } from "./credential.ts"
import type { CredentialManager } from "./credential-manager.ts"

describe("a refreshed credential that cannot be stored", () => {
  it("is used by this process, with a warning, and is published", async () => {
    const { manager, store, platform, published, warnings } = managed({ stored: expiring(0), replies: [renewal(2)] })
    store.full = true
    expect(secretOf(await manager.getCredential())).toBe("access-2")
    expect(warnings()).toEqual(["The refreshed sign-in could not be stored; only this process can use it."])
    expect(published.map(({ accessToken }) => accessToken)).toEqual(["access-2"])
    platform.pass(HOUR)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
    expect(platform.requests).toHaveLength(1)
  })

  it("is refreshed with its own refresh token", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [renewal(2), renewal(3), renewal(4)] })
    store.full = true
    await manager.getCredential()
    platform.pass(6 * HOUR)
    await manager.getCredential()
    platform.pass(6 * HOUR)
    expect(secretOf(await manager.getCredential())).toBe("access-4")
    expect(platform.requests.map(({ form }) => form["refresh_token"])).toEqual(["refresh-1", "refresh-2", "refresh-3"])
  })

  it("gives way to what another process stores", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [renewal(2)] })
    store.full = true
    await manager.getCredential()
    store.stored = { credential: credential({ accessToken: "access-of-another" }) }
    platform.pass(5_000)
    expect(secretOf(await manager.getCredential())).toBe("access-of-another")
  })
})

describe("a refreshed credential that could not be stored", () => {
  async function unstored() {
    const all = managed({ stored: expiring(0), replies: [renewal(2)] })
    all.store.full = true
    await all.manager.getCredential()
    return all
  }

  it("is tried again after 30 s, by requests that do not wait for it, and then stored", async () => {
    const { manager, store, platform } = await unstored()
    store.full = false
    platform.pass(29_999)
    await manager.getCredential()
    await settle()
    expect(store.writes).toEqual([])
    platform.pass(5_001)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
    await settle()
    expect(store.writes.map(secretOf)).toEqual(["access-2"])
    platform.pass(HOUR)
    await manager.getCredential()
    await settle()
    expect(store.writes).toHaveLength(1)
  })

  it("is tried again every 30 s, with a warning each time it fails", async () => {
    const { manager, platform, warnings } = await unstored()
    for (const ms of [30_000, 29_999, 30_000]) {
      platform.pass(ms)
      await manager.getCredential()
      await settle()
    }
    expect(warnings().slice(1)).toEqual([
      "The sign-in still could not be stored; only this process can use it.",
      "The sign-in still could not be stored; only this process can use it.",
    ])
  })

  it("is tried again when the clock went back", async () => {
    const { manager, store, platform } = await unstored()
    store.full = false
    platform.pass(-HOUR)
    await manager.getCredential()
    await settle()
    expect(store.writes).toHaveLength(1)
  })

  it("is not stored over what another process stored between two attempts", async () => {
    const { manager, store, platform } = await unstored()
    store.full = false
    const { read } = store
    store.read = async () => {
      const before = await read()
      // Another process is faster than the attempt that this read leads to.
      store.stored = { credential: another() }
      return before
    }
    platform.pass(30_000)
    await manager.getCredential()
    await settle()
    expect(store.writes).toEqual([])
    platform.pass(5_000)
    expect(await manager.getCredential()).toEqual(another())
  })

  it("is gone when the person signed out elsewhere", async () => {
    const { manager, store, platform } = await unstored()
    await store.clear()
    platform.pass(5_000)
    expect((await failureOf(manager.getCredential())).code).toBe("authentication_required")
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
    const renewed = await manager.getCredential()
    expect(account(renewed).accessToken).toBe("access-2")
    expect(store.writes).toEqual([renewed])
    expect(published).toEqual([renewed])
    expect(await manager.getCredential()).toEqual(renewed)
  })

  it("sends nothing when it was lost before: two that show one refresh token can cost the sign-in", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [renewal(2)] })
    store.takenOver = true
    expect((await failureOf(manager.getCredential())).code).toBe("token_refresh_unavailable")
    expect(platform.requests).toEqual([])
  })

  it("leaves alone what the new holder stored, and uses that from then on", async () => {
    const { manager, store, platform, published } = managed({
      stored: expiring(0),
      replies: [
        (request) => {
          store.takenOver = true
          store.stored = { credential: another() }
          return renewal(2)(request)
        },
      ],
    })
    await manager.getCredential()
    expect([store.writes, published]).toEqual([[], []])
    platform.pass(5_000)
    expect(await manager.getCredential()).toEqual(another())
    expect(platform.requests).toHaveLength(1)
  })

  it("does not undo a sign-in: that replaces what the new holder made of the old account", async () => {
    const { manager, store } = managed({ stored: credential() })
    const { withLock: exclusive } = store
    store.takenOver = true
    store.withLock = async (task) => {
      const outcome = await exclusive(task)
      if (outcome === "lost") store.stored = { credential: credential({ accessToken: "access-2" }) }
      return outcome
    }
    await manager.setCredential(another())
    expect(store.stored).toEqual({ credential: another() })
    expect(await manager.getCredential()).toEqual(another())
  })

  it("twice is an error of a sign-in, but this process uses it", async () => {
    const { manager, store } = managed({ stored: credential() })
    const { withLock: exclusive } = store
    store.withLock = async (task) => {
      store.takenOver = true
      return exclusive(task)
    }
    expect((await failureOf(manager.setCredential(another()))).code).toBe("credential_locked")
    expect(await manager.getCredential()).toEqual(another())
  })

  it("counts for a sign-in, too", async () => {
    const { manager, store } = managed({ stored: credential() })
    store.takenOver = true
    await manager.setCredential(another())
    expect(store.writes).toEqual([another()])
    expect(await manager.getCredential()).toEqual(another())
  })
})

it("a credential that came too late, since another program stored a newer one, gives way to that", async () => {
  const { manager, store, published, warnings } = managed({ stored: expiring(0), replies: [renewal(2)] })
  store.withLock = (task) =>
    task({
      isHeld: async () => true,
      reserveSpace: async () => {},
      async write() {
        store.stored = { credential: another() }
        return "superseded"
      },
    })
  expect(await manager.getCredential()).toEqual(another())
  expect(published).toEqual([another()])
  expect(await manager.getCredential()).toEqual(another())
  expect(warnings()).toEqual([])
})

describe("no room for a renewed credential", () => {
  it("while the token is valid: nothing is refreshed, the old token serves, with a warning", async () => {
    const { manager, store, platform, warnings } = managed({ stored: expiring(MINUTE), replies: [renewal(2)] })
    store.full = true
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    expect(platform.requests).toHaveLength(0)
    expect(warnings()).toEqual(["The token could not be refreshed; the current token still works."])
    store.full = false
    platform.pass(30_000)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
    expect(store.writes).toHaveLength(1)
  })

  it.each([
    ["has ended", 0, (manager: CredentialManager) => manager.getCredential()],
    ["was rejected", HOUR, (manager: CredentialManager) => manager.refresh(expiring(HOUR))],
  ])("when the token %s: it is refreshed and used by this process", async (_, leftMs, ask) => {
    const { manager, store, platform } = managed({ stored: expiring(leftMs), replies: [renewal(2)] })
    store.full = true
    expect(account(await ask(manager)).accessToken).toBe("access-2")
    expect([platform.requests.length, store.writes.length]).toEqual([1, 0])
  })
})
