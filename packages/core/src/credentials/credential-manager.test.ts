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

describe("who is signed in", () => {
  it("is what the store holds", async () => {
    const { manager, platform } = managed({ stored: credential() })
    expect(await manager.getCredential()).toEqual(credential())
    expect(platform.requests).toHaveLength(0)
  })

  it("is nobody when the store is empty", async () => {
    const error = await failureOf(managed().manager.getCredential())
    expect(error.code).toBe("authentication_required")
    expect(error.message).toBe("Nobody is signed in.")
  })

  it("is nobody, for the store's reason, when what is there cannot be used", async () => {
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

  it("is read again after 5 s, so that another process's sign-in counts", async () => {
    const { manager, store, platform } = managed({ stored: credential() })
    await manager.getCredential()
    store.stored = { credential: credential({ accessToken: "access-of-another" }) }
    platform.pass(5_000)
    expect(secretOf(await manager.getCredential())).toBe("access-of-another")
  })

  it("is read again when the clock went back", async () => {
    const { manager, store, platform } = managed({ stored: credential() })
    await manager.getCredential()
    platform.pass(-HOUR)
    await manager.getCredential()
    expect(store.reads).toBe(2)
  })
})

describe("the moment of renewal", () => {
  it("has not come with exactly five minutes left", async () => {
    const { manager, platform } = managed({ stored: expiring(5 * MINUTE) })
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    expect(platform.requests).toHaveLength(0)
  })

  it.each([
    ["a millisecond less than five minutes", 5 * MINUTE - 1],
    ["nothing", 0],
    ["an hour too late", -HOUR],
  ])("has come with %s left", async (_, leftMs) => {
    const { manager, platform } = managed({ stored: expiring(leftMs), replies: [renewal(2)] })
    expect(secretOf(await manager.getCredential())).toBe("access-2")
    expect(platform.requests.map(({ form }) => form["refresh_token"])).toEqual(["refresh-1"])
  })

  it("comes while the process runs", async () => {
    const { manager, platform } = managed({ stored: credential(), replies: [renewal(2)] })
    await manager.getCredential()
    platform.pass(6 * HOUR - 5 * MINUTE)
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    platform.pass(1)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
  })

  it("does not come at each request for a token that lives 60 s, but at half its life", async () => {
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

describe("a renewal", () => {
  it("is stored, then published, then used", async () => {
    const { manager, store, published } = managed({ stored: expiring(0), replies: [renewal(2)] })
    const renewed = await manager.getCredential()
    expect(renewed).toEqual({
      type: "oauth",
      accessToken: "access-2",
      refreshToken: "refresh-2",
      resourceUrl: "portal.qwen.ai",
      expiresAt: START + 6 * HOUR,
      expiresInS: 21_600,
    })
    expect(store.writes).toEqual([renewed])
    expect(published).toEqual([renewed])
  })

  it("keeps the refresh token and the resource URL that the answer omits", async () => {
    const reply = renewal(2, { refresh_token: undefined, resource_url: null })
    const stored = credential({ expiresAt: START, resourceUrl: "dashscope.aliyuncs.com" })
    const { manager } = managed({ stored, replies: [reply] })
    expect(await manager.getCredential()).toMatchObject({
      accessToken: "access-2",
      refreshToken: "refresh-1",
      resourceUrl: "dashscope.aliyuncs.com",
    })
  })

  it("is one for 50 requests at once", async () => {
    const { manager, platform, store, published } = managed({ stored: expiring(0), replies: [renewal(2)] })
    const all = await Promise.all(Array.from({ length: 50 }, () => manager.getCredential()))
    expect(new Set(all.map(secretOf))).toEqual(new Set(["access-2"]))
    expect([platform.requests.length, store.writes.length, published.length]).toEqual([1, 1, 1])
  })

  it("is one for 50 rejected requests at once", async () => {
    const { manager, platform } = managed({ stored: credential(), replies: [renewal(2)] })
    const rejected = await manager.getCredential()
    const all = await Promise.all(Array.from({ length: 50 }, () => manager.refresh(account(rejected))))
    expect(new Set(all.map(secretOf))).toEqual(new Set(["access-2"]))
    expect(platform.requests).toHaveLength(1)
  })

  it("is joined by requests that come while it runs, of either kind", async () => {
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

  it("goes on for the others when one gives up", async () => {
    const answer = gate()
    const { manager, store } = managed({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const controller = new AbortController()
    const impatient = failureOf(manager.getCredential({ signal: controller.signal }))
    const patient = manager.getCredential()
    await settle()
    controller.abort()
    expect((await impatient).code).toBe("aborted")
    answer.open()
    expect(account(await patient).accessToken).toBe("access-2")
    expect(store.writes).toHaveLength(1)
  })

  it("is stored even when everyone gave up: the old refresh token is spent", async () => {
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

  it("is not needed when another process stored a fresh credential meanwhile", async () => {
    const { manager, store, platform } = managed({ stored: expiring(6 * MINUTE) })
    await manager.getCredential()
    platform.pass(MINUTE + 1)
    const renewed = credential({ accessToken: "access-of-another", refreshToken: "refresh-of-another" })
    store.stored = { credential: renewed }
    expect(await manager.getCredential()).toEqual(renewed)
    expect(platform.requests).toHaveLength(0)
  })

  it("reads the store once more before it asks the server, although it read it a moment before", async () => {
    const { manager, store, platform } = managed({ stored: expiring(5 * MINUTE) })
    await manager.getCredential()
    const renewed = credential({ accessToken: "access-of-another", refreshToken: "refresh-of-another" })
    store.stored = { credential: renewed }
    platform.pass(1)
    expect(await manager.getCredential()).toEqual(renewed)
    expect(platform.requests).toHaveLength(0)
  })

  it("does not happen when another process signed out a moment before", async () => {
    const { manager, store, platform } = managed({ stored: expiring(5 * MINUTE) })
    await manager.getCredential()
    await store.clear()
    platform.pass(1)
    expect((await failureOf(manager.getCredential())).code).toBe("authentication_required")
    expect(platform.requests).toHaveLength(0)
  })

  it("uses the refresh token that is stored now, not the one it remembers", async () => {
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
  it("do not let an old one count in the turn: the refresh token it holds is spent", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0) })
    const [old, lock] = [gate<Stored>(), gate()]
    const { withLock: exclusive, read } = store
    store.withLock = async (task) => {
      await lock.promise
      return exclusive(task)
    }
    const first = manager.getCredential()
    await settle()
    platform.pass(5_000)
    // Begins while the first waits for its turn, and takes long, as a read that asks the host does.
    store.read = () => old.promise
    const second = manager.getCredential()
    await settle()
    const inTurn = gate<Stored>()
    store.read = () => inTurn.promise
    lock.open()
    await settle()
    old.open({ credential: expiring(0) })
    await settle()
    store.read = read
    store.stored = { credential: another() }
    inTurn.open(store.stored)
    expect(await Promise.all([first, second])).toEqual([another(), another()])
    expect(platform.requests).toHaveLength(0)
  })

  it("do not let an old one that ends last count afterwards", async () => {
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
  it("is renewed although it looked valid", async () => {
    const { manager } = managed({ stored: credential(), replies: [renewal(2)] })
    expect(secretOf(await manager.refresh(credential()))).toBe("access-2")
  })

  it("is replaced by the stored one, without asking the server, when that is another", async () => {
    const { manager, store, platform } = managed({ stored: credential() })
    await manager.getCredential()
    const renewed = credential({ accessToken: "access-of-another" })
    store.stored = { credential: renewed }
    expect(await manager.refresh(credential())).toEqual(renewed)
    expect(platform.requests).toHaveLength(0)
  })

  it("is not replaced by a stored one that has ended: that is renewed", async () => {
    const { manager, store } = managed({ stored: credential(), replies: [renewal(3)] })
    store.stored = { credential: credential({ accessToken: "access-of-another", expiresAt: START - HOUR }) }
    expect(secretOf(await manager.refresh(credential()))).toBe("access-3")
  })
})

describe("what the host is told of a renewal", () => {
  it("is what was replaced, too", async () => {
    const told: string[][] = []
    const publish = async (...credentials: OAuthCredential[]) => {
      told.push(credentials.map(({ accessToken }) => accessToken))
    }
    const { manager, platform } = managed({ stored: expiring(0), rest: renewal(2), publish })
    await manager.getCredential()
    platform.pass(6 * HOUR)
    await manager.getCredential()
    expect(told).toEqual([
      ["access-2", "access-1"],
      ["access-2", "access-2"],
    ])
  })

  it("is told in the turn: no other process signs in between the store and the host", async () => {
    const telling = gate()
    const { manager, store } = managed({
      stored: expiring(0),
      replies: [renewal(2)],
      publish: () => telling.promise,
    })
    const renewing = manager.getCredential()
    await settle()
    const signIn = store.withLock((lock) => lock.write(another()))
    await settle()
    expect(account(store.stored.credential).accessToken).toBe("access-2")
    telling.open()
    await Promise.all([renewing, signIn])
    expect(store.stored).toEqual({ credential: another() })
  })
})

it("a credential that the host does not take serves all the same, with a warning", async () => {
  const publish = () => Promise.reject(new Error("the host is going down"))
  const { manager, store, warnings } = managed({ stored: expiring(0), replies: [renewal(2)], publish })
  expect(secretOf(await manager.getCredential())).toBe("access-2")
  expect(store.writes).toHaveLength(1)
  expect(warnings()).toEqual(["The refreshed sign-in could not be passed to the host."])
})
