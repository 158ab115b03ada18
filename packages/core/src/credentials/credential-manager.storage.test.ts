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

  it("is dropped if another process stores a credential", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [renewal(2)] })
    store.full = true
    await manager.getCredential()
    store.stored = { credential: credential({ accessToken: "access-of-another" }) }
    platform.pass(5_000)
    expect(secretOf(await manager.getCredential())).toBe("access-of-another")
  })
})

describe("the next attempt to store a refreshed credential", () => {
  async function unstored() {
    const set = managed({ stored: expiring(0), replies: [renewal(2)] })
    set.store.full = true
    await set.manager.getCredential()
    return set
  }

  it("is made after 30 s by a request, which does not wait for it", async () => {
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

  it("is made every 30 s, with a warning for each failure", async () => {
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

  it("is made at once if the clock was set back", async () => {
    const { manager, store, platform } = await unstored()
    store.full = false
    platform.pass(-HOUR)
    await manager.getCredential()
    await settle()
    expect(store.writes).toHaveLength(1)
  })

  it("does not replace what another process stored in the meantime", async () => {
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

  it("is not made if the user signed out in another process", async () => {
    const { manager, store, platform } = await unstored()
    await store.clear()
    platform.pass(5_000)
    expect((await failureOf(manager.getCredential())).code).toBe("authentication_required")
  })
})

describe("a lock that is lost", () => {
  it("during a refresh is acquired again to store the credential", async () => {
    const { manager, store, published } = managed({
      stored: expiring(0),
      replies: [
        (request) => {
          store.takenOver = true
          return renewal(2)(request)
        },
      ],
    })
    const refreshed = await manager.getCredential()
    expect(account(refreshed).accessToken).toBe("access-2")
    expect(store.writes).toEqual([refreshed])
    expect(published).toEqual([refreshed])
    expect(await manager.getCredential()).toEqual(refreshed)
  })

  it("before a refresh keeps the request from being sent, because a second use of a refresh token can end the sign-in", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [renewal(2)] })
    store.takenOver = true
    expect((await failureOf(manager.getCredential())).code).toBe("token_refresh_unavailable")
    expect(platform.requests).toEqual([])
  })

  it("leaves what the new holder stored, which is used from then on", async () => {
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

  it("during a sign-in does not keep it from replacing what the new holder refreshed", async () => {
    const { manager, store } = managed({ stored: credential() })
    const { withLock } = store
    store.takenOver = true
    store.withLock = async (task) => {
      const outcome = await withLock(task)
      if (outcome === "lost") store.stored = { credential: credential({ accessToken: "access-2" }) }
      return outcome
    }
    await manager.setCredential(another())
    expect(store.stored).toEqual({ credential: another() })
    expect(await manager.getCredential()).toEqual(another())
  })

  it("twice during a sign-in is an error, but this process uses the sign-in", async () => {
    const { manager, store } = managed({ stored: credential() })
    const { withLock } = store
    store.withLock = async (task) => {
      store.takenOver = true
      return withLock(task)
    }
    expect((await failureOf(manager.setCredential(another()))).code).toBe("credential_locked")
    expect(await manager.getCredential()).toEqual(another())
  })

  it("during a sign-in is acquired again to store the credential", async () => {
    const { manager, store } = managed({ stored: credential() })
    store.takenOver = true
    await manager.setCredential(another())
    expect(store.writes).toEqual([another()])
    expect(await manager.getCredential()).toEqual(another())
  })
})

it("a refreshed credential is dropped if another program stored a newer one", async () => {
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

describe("a full disk", () => {
  it("leaves the old token in use while it is valid, with a warning", async () => {
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
    ["has expired", 0, (manager: CredentialManager) => manager.getCredential()],
    ["was rejected", HOUR, (manager: CredentialManager) => manager.refresh(expiring(HOUR))],
  ])("does not keep a token from being refreshed for this process if it %s", async (_, leftMs, ask) => {
    const { manager, store, platform } = managed({ stored: expiring(leftMs), replies: [renewal(2)] })
    store.full = true
    expect(account(await ask(manager)).accessToken).toBe("access-2")
    expect([platform.requests.length, store.writes.length]).toEqual([1, 0])
  })
})
