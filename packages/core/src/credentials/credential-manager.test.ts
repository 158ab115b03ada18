import { account } from "qwen-auth-testing/account"
import { failureOf } from "qwen-auth-testing/failure-of"
import { START } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { another, expiring, managed, renewal } from "qwen-auth-testing/managed"
import { after, networkError } from "qwen-auth-testing/replies"
import { credential, HOUR, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import type { OAuthCredential } from "./credential.ts"
import { secretOf } from "./credential.ts"
import type { Stored } from "./credential-store.ts"

describe("the current credential", () => {
  it("is the one in the store", async () => {
    const { manager, platform } = managed({ stored: credential() })
    expect(await manager.getCredential()).toEqual(credential())
    expect(platform.requests).toHaveLength(0)
  })

  it("is missing if the store is empty", async () => {
    const error = await failureOf(managed().manager.getCredential())
    expect(error.code).toBe("authentication_required")
    expect(error.message).toBe("Nobody is signed in.")
  })

  it("is missing, for the store's reason, if the stored one cannot be used", async () => {
    const { manager, store } = managed()
    const problem = await failureOf(managed().manager.getCredential())
    store.stored = { problem }
    expect(await failureOf(manager.getCredential())).toBe(problem)
  })

  it("is not read from the store again within 5 s", async () => {
    const { manager, store, platform } = managed({ stored: credential() })
    await manager.getCredential()
    platform.pass(4_999)
    await manager.getCredential()
    expect(store.reads).toBe(1)
  })

  it("is read again after 5 s, so that a sign-in by another process is seen", async () => {
    const { manager, store, platform } = managed({ stored: credential() })
    await manager.getCredential()
    store.stored = { credential: credential({ accessToken: "access-of-another" }) }
    platform.pass(5_000)
    expect(secretOf(await manager.getCredential())).toBe("access-of-another")
  })

  it("is read again if the clock was set back", async () => {
    const { manager, store, platform } = managed({ stored: credential() })
    await manager.getCredential()
    platform.pass(-HOUR)
    await manager.getCredential()
    expect(store.reads).toBe(2)
  })
})

describe("a refresh is due", () => {
  it("not while five minutes are left", async () => {
    const { manager, platform } = managed({ stored: expiring(5 * MINUTE) })
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    expect(platform.requests).toHaveLength(0)
  })

  it.each([
    ["a millisecond less than five minutes is left", 5 * MINUTE - 1],
    ["no time is left", 0],
    ["the token expired an hour ago", -HOUR],
  ])("if %s", async (_, leftMs) => {
    const { manager, platform } = managed({ stored: expiring(leftMs), replies: [renewal(2)] })
    expect(secretOf(await manager.getCredential())).toBe("access-2")
    expect(platform.requests.map(({ form }) => form["refresh_token"])).toEqual(["refresh-1"])
  })

  it("at the same time before the expiry in a process that already runs", async () => {
    const { manager, platform } = managed({ stored: credential(), replies: [renewal(2)] })
    await manager.getCredential()
    platform.pass(6 * HOUR - 5 * MINUTE)
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    platform.pass(1)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
  })

  it("after half of its life for a token that lives 60 s, not at each request", async () => {
    const short = { expires_in: 60 }
    const { manager, platform } = managed({ stored: expiring(0), replies: [renewal(2, short), renewal(3, short)] })
    for (let request = 0; request < 10; request++) await manager.getCredential()
    expect(platform.requests).toHaveLength(1)
    platform.pass(30_000)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
    platform.pass(1)
    expect(secretOf(await manager.getCredential())).toBe("access-3")
  })
})

describe("a refresh", () => {
  it("is stored, then published, then used", async () => {
    const { manager, store, published } = managed({ stored: expiring(0), replies: [renewal(2)] })
    const refreshed = await manager.getCredential()
    expect(refreshed).toEqual({
      type: "oauth",
      accessToken: "access-2",
      refreshToken: "refresh-2",
      resourceUrl: "portal.qwen.ai",
      expiresAt: START + 6 * HOUR,
      expiresInS: 21_600,
    })
    expect(store.writes).toEqual([refreshed])
    expect(published).toEqual([refreshed])
  })

  it("keeps the refresh token and the resource URL that the response omits", async () => {
    const reply = renewal(2, { refresh_token: undefined, resource_url: null })
    const stored = credential({ expiresAt: START, resourceUrl: "dashscope.aliyuncs.com" })
    const { manager } = managed({ stored, replies: [reply] })
    expect(await manager.getCredential()).toMatchObject({
      accessToken: "access-2",
      refreshToken: "refresh-1",
      resourceUrl: "dashscope.aliyuncs.com",
    })
  })

  it("serves 50 requests at once", async () => {
    const { manager, platform, store, published } = managed({ stored: expiring(0), replies: [renewal(2)] })
    const all = await Promise.all(Array.from({ length: 50 }, () => manager.getCredential()))
    expect(new Set(all.map(secretOf))).toEqual(new Set(["access-2"]))
    expect([platform.requests.length, store.writes.length, published.length]).toEqual([1, 1, 1])
  })

  it("serves 50 rejected requests at once", async () => {
    const { manager, platform } = managed({ stored: credential(), replies: [renewal(2)] })
    const rejected = await manager.getCredential()
    const all = await Promise.all(Array.from({ length: 50 }, () => manager.refresh(account(rejected))))
    expect(new Set(all.map(secretOf))).toEqual(new Set(["access-2"]))
    expect(platform.requests).toHaveLength(1)
  })

  it("is joined by requests of either kind that come while it runs", async () => {
    const answer = gate()
    const { manager, platform } = managed({ stored: expiring(MINUTE), replies: [after(answer.promise, renewal(2))] })
    const first = manager.getCredential()
    await settle()
    const others = [manager.getCredential(), manager.refresh(expiring(MINUTE))]
    await settle()
    answer.open()
    const all = await Promise.all([first, ...others])
    expect(all.map(secretOf)).toEqual(["access-2", "access-2", "access-2"])
    expect(platform.requests).toHaveLength(1)
  })

  it("continues for the others if one caller aborts", async () => {
    const answer = gate()
    const { manager, store } = managed({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const controller = new AbortController()
    const aborted = failureOf(manager.getCredential({ signal: controller.signal }))
    const waiting = manager.getCredential()
    await settle()
    controller.abort()
    expect((await aborted).code).toBe("aborted")
    answer.open()
    expect(account(await waiting).accessToken).toBe("access-2")
    expect(store.writes).toHaveLength(1)
  })

  it("stops waiting for the lock if all callers abort", async () => {
    const { manager, store } = managed({ stored: expiring(-MINUTE) })
    const waits = { ended: false }
    store.withLock = async (_, skipIf) => {
      for (let poll = 0; poll < 1_000; poll++) {
        const found = await skipIf?.().finally(() => {
          waits.ended = true
        })
        if (found !== undefined) return found
        waits.ended = false
        await settle()
      }
      throw new Error("expected the wait to end")
    }
    const [first, second] = [new AbortController(), new AbortController()]
    const failures = [first, second].map(({ signal }) => failureOf(manager.getCredential({ signal })))
    await settle()
    first.abort()
    await settle()
    expect(waits.ended).toBe(false)
    second.abort()
    expect((await Promise.all(failures)).map(({ code }) => code)).toEqual(["aborted", "aborted"])
    await settle()
    await settle()
    expect(waits.ended).toBe(true)
  })

  it("is stored even if all callers abort, because the old refresh token is used up", async () => {
    const answer = gate()
    const { manager, store } = managed({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const controller = new AbortController()
    const outcome = failureOf(manager.getCredential({ signal: controller.signal }))
    await settle()
    controller.abort()
    await outcome
    answer.open()
    await settle()
    expect(store.writes.map((written) => account(written).refreshToken)).toEqual(["refresh-2"])
  })

  it("is not made if another process has stored a fresh credential", async () => {
    const { manager, store, platform } = managed({ stored: expiring(6 * MINUTE) })
    await manager.getCredential()
    platform.pass(MINUTE + 1)
    store.stored = { credential: another() }
    expect(await manager.getCredential()).toEqual(another())
    expect(platform.requests).toHaveLength(0)
  })

  it("reads the store again before its request, even if it was read a moment ago", async () => {
    const { manager, store, platform } = managed({ stored: expiring(5 * MINUTE) })
    await manager.getCredential()
    store.stored = { credential: another() }
    platform.pass(1)
    expect(await manager.getCredential()).toEqual(another())
    expect(platform.requests).toHaveLength(0)
  })

  it("is not made if another process has just signed out", async () => {
    const { manager, store, platform } = managed({ stored: expiring(5 * MINUTE) })
    await manager.getCredential()
    await store.clear()
    platform.pass(1)
    expect((await failureOf(manager.getCredential())).code).toBe("authentication_required")
    expect(platform.requests).toHaveLength(0)
  })

  it("uses the refresh token that is stored now, not the cached one", async () => {
    const { manager, store, platform } = managed({ stored: expiring(MINUTE), replies: [networkError(), renewal(3)] })
    await manager.getCredential()
    store.stored = {
      credential: credential({ accessToken: "a", refreshToken: "refresh-of-another", expiresAt: START }),
    }
    platform.pass(MINUTE)
    await manager.getCredential()
    expect(platform.requests.map(({ form }) => form["refresh_token"])).toEqual(["refresh-1", "refresh-of-another"])
  })
})

describe("reads of the store that overlap", () => {
  it("do not make the lock holder use an older result, whose refresh token is used up", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0) })
    const [old, lock] = [gate<Stored>(), gate()]
    const { withLock, read } = store
    store.withLock = async (task) => {
      await lock.promise
      return withLock(task)
    }
    const first = manager.getCredential()
    await settle()
    platform.pass(5_000)
    // Begins while the first waits for the lock, and takes long, like a read that calls the host.
    store.read = () => old.promise
    const second = manager.getCredential()
    await settle()
    const underLock = gate<Stored>()
    store.read = () => underLock.promise
    lock.open()
    await settle()
    old.open({ credential: expiring(0) })
    await settle()
    store.read = read
    store.stored = { credential: another() }
    underLock.open(store.stored)
    expect(await Promise.all([first, second])).toEqual([another(), another()])
    expect(platform.requests).toHaveLength(0)
  })

  it("do not let an older one that ends last count", async () => {
    const { manager, store } = managed({ stored: credential() })
    const old = gate<Stored>()
    store.read = () => old.promise
    const first = manager.getCredential()
    store.read = async () => ({ credential: another() })
    expect(await manager.refresh(credential())).toEqual(another())
    old.open({ credential: credential() })
    expect(await first).toEqual(another())
    expect(await manager.getCredential()).toEqual(another())
  })
})

describe("a rejected token", () => {
  it("is refreshed although it has not expired", async () => {
    const { manager } = managed({ stored: credential(), replies: [renewal(2)] })
    expect(secretOf(await manager.refresh(credential()))).toBe("access-2")
  })

  it("is replaced by another stored token, without a request", async () => {
    const { manager, store, platform } = managed({ stored: credential() })
    await manager.getCredential()
    const refreshed = credential({ accessToken: "access-of-another" })
    store.stored = { credential: refreshed }
    expect(await manager.refresh(credential())).toEqual(refreshed)
    expect(platform.requests).toHaveLength(0)
  })

  it("is not replaced by an expired stored token, which is refreshed instead", async () => {
    const { manager, store } = managed({ stored: credential(), replies: [renewal(3)] })
    store.stored = { credential: credential({ accessToken: "access-of-another", expiresAt: START - HOUR }) }
    expect(secretOf(await manager.refresh(credential()))).toBe("access-3")
  })
})

describe("the publication of a refresh", () => {
  it("includes the credential that was replaced", async () => {
    const published: string[][] = []
    const publish = async (...credentials: OAuthCredential[]) => {
      published.push(credentials.map(({ accessToken }) => accessToken))
    }
    const { manager, platform } = managed({ stored: expiring(0), rest: renewal(2), publish })
    await manager.getCredential()
    platform.pass(6 * HOUR)
    await manager.getCredential()
    expect(published).toEqual([
      ["access-2", "access-1"],
      ["access-2", "access-2"],
    ])
  })

  it("happens under the lock, so that no other process signs in before it ends", async () => {
    const publishing = gate()
    const { manager, store } = managed({
      stored: expiring(0),
      replies: [renewal(2)],
      publish: () => publishing.promise,
    })
    const refreshing = manager.getCredential()
    await settle()
    const signIn = store.withLock((lock) => lock.write(another()))
    await settle()
    expect(account(store.stored.credential).accessToken).toBe("access-2")
    publishing.open()
    await Promise.all([refreshing, signIn])
    expect(store.stored).toEqual({ credential: another() })
  })
})

it("a credential that cannot be published is used, with a warning", async () => {
  const publish = () => Promise.reject(new Error("the host is going down"))
  const { manager, store, warnings } = managed({ stored: expiring(0), replies: [renewal(2)], publish })
  expect(secretOf(await manager.getCredential())).toBe("access-2")
  expect(store.writes).toHaveLength(1)
  expect(warnings()).toEqual(["The refreshed sign-in could not be passed to the host."])
})
