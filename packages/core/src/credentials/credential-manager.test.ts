import { describe, expect, it } from "vitest"
import { failureOf } from "../testing/failure-of.ts"
import { type FakeWorldOptions, fakeWorld, START } from "../testing/fake-world.ts"
import { gate, settle } from "../testing/gate.ts"
import { memoryStore } from "../testing/memory-store.ts"
import { after, empty, json, noAnswer, page } from "../testing/replies.ts"
import { credential, DEAD_REFRESH_TOKEN, HOUR, MINUTE, SERVER, TOKENS } from "../testing/samples.ts"
import type { OAuthCredential } from "./credential.ts"
import { CredentialManager } from "./credential-manager.ts"
import type { Stored } from "./credential-store.ts"

const expiring = (leftMs: number) => credential({ expiresAt: START + leftMs })
const renewal = (n: number, fields: Record<string, unknown> = {}) =>
  json({ ...TOKENS, access_token: `access-${n}`, refresh_token: `refresh-${n}`, ...fields })
const refusal = json(DEAD_REFRESH_TOKEN, 400)

/** A manager over a store in memory. The clock moves only when the test says so. */
function setUp(options: FakeWorldOptions & { stored?: OAuthCredential; publish?: () => Promise<void> } = {}) {
  const world = fakeWorld({ autoAdvance: false, ...options })
  const store = memoryStore(options.stored)
  const published: OAuthCredential[] = []
  const publish = async (renewed: OAuthCredential) => {
    published.push(renewed)
    await options.publish?.()
  }
  const manager = new CredentialManager({ world, server: SERVER, store, publish })
  const warnings = () => world.logged.filter(({ level }) => level === "warn").map(({ message }) => message)
  return { world, store, published, manager, warnings }
}

describe("who is signed in", () => {
  it("is what the store holds", async () => {
    const { manager, world } = setUp({ stored: credential() })
    expect(await manager.current()).toEqual(credential())
    expect(world.requests).toHaveLength(0)
  })

  it("is nobody when the store is empty", async () => {
    const error = await failureOf(setUp().manager.current())
    expect(error.code).toBe("authentication_required")
    expect(error.message).toBe("Nobody is signed in.")
  })

  it("is nobody, for the store's reason, when what is there cannot be used", async () => {
    const { manager, store } = setUp()
    const problem = await failureOf(setUp().manager.current())
    store.held = { problem }
    expect(await failureOf(manager.current())).toBe(problem)
  })

  it("is not read from the store again within 5 s", async () => {
    const { manager, store, world } = setUp({ stored: credential() })
    await manager.current()
    world.pass(4_999)
    await manager.current()
    expect(store.reads).toBe(1)
  })

  it("is read again after 5 s, so that another process's sign-in counts", async () => {
    const { manager, store, world } = setUp({ stored: credential() })
    await manager.current()
    store.held = { credential: credential({ accessToken: "access-of-another" }) }
    world.pass(5_000)
    expect((await manager.current()).accessToken).toBe("access-of-another")
  })

  it("is read again when the clock went back", async () => {
    const { manager, store, world } = setUp({ stored: credential() })
    await manager.current()
    world.pass(-HOUR)
    await manager.current()
    expect(store.reads).toBe(2)
  })
})

describe("the moment of renewal", () => {
  it("has not come with exactly five minutes left", async () => {
    const { manager, world } = setUp({ stored: expiring(5 * MINUTE) })
    expect((await manager.current()).accessToken).toBe("access-1")
    expect(world.requests).toHaveLength(0)
  })

  it.each([
    ["a millisecond less than five minutes", 5 * MINUTE - 1],
    ["nothing", 0],
    ["an hour too late", -HOUR],
  ])("has come with %s left", async (_, leftMs) => {
    const { manager, world } = setUp({ stored: expiring(leftMs), replies: [renewal(2)] })
    expect((await manager.current()).accessToken).toBe("access-2")
    expect(world.requests.map(({ form }) => form["refresh_token"])).toEqual(["refresh-1"])
  })

  it("comes while the process runs", async () => {
    const { manager, world } = setUp({ stored: credential(), replies: [renewal(2)] })
    await manager.current()
    world.pass(6 * HOUR - 5 * MINUTE)
    expect((await manager.current()).accessToken).toBe("access-1")
    world.pass(1)
    expect((await manager.current()).accessToken).toBe("access-2")
  })

  it("does not come at each request for a token that lives 60 s, but at half its life", async () => {
    const short = { expires_in: 60 }
    const { manager, world } = setUp({ stored: expiring(0), replies: [renewal(2, short), renewal(3, short)] })
    for (let request = 0; request < 10; request++) await manager.current()
    expect(world.requests).toHaveLength(1)
    world.pass(30_000)
    expect((await manager.current()).accessToken).toBe("access-2")
    world.pass(1)
    expect((await manager.current()).accessToken).toBe("access-3")
  })
})

describe("a renewal", () => {
  it("is stored, then published, then used", async () => {
    const { manager, store, published } = setUp({ stored: expiring(0), replies: [renewal(2)] })
    const renewed = await manager.current()
    expect(renewed).toEqual({
      type: "oauth",
      accessToken: "access-2",
      refreshToken: "refresh-2",
      resourceUrl: "portal.qwen.ai",
      expiresAt: START + 6 * HOUR,
    })
    expect(store.writes).toEqual([renewed])
    expect(published).toEqual([renewed])
  })

  it("keeps the refresh token and the resource URL that the answer omits", async () => {
    const reply = renewal(2, { refresh_token: undefined, resource_url: null })
    const stored = credential({ expiresAt: START, resourceUrl: "dashscope.aliyuncs.com" })
    const { manager } = setUp({ stored, replies: [reply] })
    expect(await manager.current()).toMatchObject({
      accessToken: "access-2",
      refreshToken: "refresh-1",
      resourceUrl: "dashscope.aliyuncs.com",
    })
  })

  it("is one for 50 requests at once", async () => {
    const { manager, world, store, published } = setUp({ stored: expiring(0), replies: [renewal(2)] })
    const all = await Promise.all(Array.from({ length: 50 }, () => manager.current()))
    expect(new Set(all.map(({ accessToken }) => accessToken))).toEqual(new Set(["access-2"]))
    expect([world.requests.length, store.writes.length, published.length]).toEqual([1, 1, 1])
  })

  it("is one for 50 rejected requests at once", async () => {
    const { manager, world } = setUp({ stored: credential(), replies: [renewal(2)] })
    const rejected = await manager.current()
    const all = await Promise.all(Array.from({ length: 50 }, () => manager.renew(rejected)))
    expect(new Set(all.map(({ accessToken }) => accessToken))).toEqual(new Set(["access-2"]))
    expect(world.requests).toHaveLength(1)
  })

  it("is joined by requests that come while it runs, of either kind", async () => {
    const answer = gate()
    const { manager, world } = setUp({ stored: expiring(MINUTE), replies: [after(answer.promise, renewal(2))] })
    const first = manager.current()
    await settle()
    const others = [manager.current(), manager.renew(expiring(MINUTE))]
    await settle()
    answer.open()
    const all = await Promise.all([first, ...others])
    expect(all.map(({ accessToken }) => accessToken)).toEqual(["access-2", "access-2", "access-2"])
    expect(world.requests).toHaveLength(1)
  })

  it("goes on for the others when one gives up", async () => {
    const answer = gate()
    const { manager, store } = setUp({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const controller = new AbortController()
    const impatient = failureOf(manager.current({ signal: controller.signal }))
    const patient = manager.current()
    await settle()
    controller.abort()
    expect((await impatient).code).toBe("aborted")
    answer.open()
    expect((await patient).accessToken).toBe("access-2")
    expect(store.writes).toHaveLength(1)
  })

  it("is stored even when everyone gave up: the old refresh token is spent", async () => {
    const answer = gate()
    const { manager, store } = setUp({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const controller = new AbortController()
    const outcome = failureOf(manager.current({ signal: controller.signal }))
    await settle()
    controller.abort()
    await outcome
    answer.open()
    await settle()
    expect(store.writes.map(({ refreshToken }) => refreshToken)).toEqual(["refresh-2"])
  })

  it("is not needed when another process stored a fresh credential meanwhile", async () => {
    const { manager, store, world } = setUp({ stored: expiring(6 * MINUTE) })
    await manager.current()
    world.pass(MINUTE + 1)
    const renewed = credential({ accessToken: "access-of-another", refreshToken: "refresh-of-another" })
    store.held = { credential: renewed }
    expect(await manager.current()).toEqual(renewed)
    expect(world.requests).toHaveLength(0)
  })

  it("reads the store once more before it asks the server, although it read it a moment before", async () => {
    const { manager, store, world } = setUp({ stored: expiring(5 * MINUTE) })
    await manager.current()
    const renewed = credential({ accessToken: "access-of-another", refreshToken: "refresh-of-another" })
    store.held = { credential: renewed }
    world.pass(1)
    expect(await manager.current()).toEqual(renewed)
    expect(world.requests).toHaveLength(0)
  })

  it("does not happen when another process signed out a moment before", async () => {
    const { manager, store, world } = setUp({ stored: expiring(5 * MINUTE) })
    await manager.current()
    await store.clear()
    world.pass(1)
    expect((await failureOf(manager.current())).code).toBe("authentication_required")
    expect(world.requests).toHaveLength(0)
  })

  it("uses the refresh token that is stored now, not the one it remembers", async () => {
    const { manager, store, world } = setUp({ stored: expiring(MINUTE), replies: [noAnswer(), renewal(3)] })
    await manager.current()
    store.held = { credential: credential({ accessToken: "a", refreshToken: "refresh-of-another", expiresAt: START }) }
    world.pass(MINUTE)
    await manager.current()
    expect(world.requests.map(({ form }) => form["refresh_token"])).toEqual(["refresh-1", "refresh-of-another"])
  })
})

describe("a rejected token", () => {
  it("is renewed although it looked valid", async () => {
    const { manager } = setUp({ stored: credential(), replies: [renewal(2)] })
    expect((await manager.renew(credential())).accessToken).toBe("access-2")
  })

  it("is replaced by the stored one, without asking the server, when that is another", async () => {
    const { manager, store, world } = setUp({ stored: credential() })
    await manager.current()
    const renewed = credential({ accessToken: "access-of-another" })
    store.held = { credential: renewed }
    expect(await manager.renew(credential())).toEqual(renewed)
    expect(world.requests).toHaveLength(0)
  })

  it("is not replaced by a stored one that has ended: that is renewed", async () => {
    const { manager, store } = setUp({ stored: credential(), replies: [renewal(3)] })
    store.held = { credential: credential({ accessToken: "access-of-another", expiresAt: START - HOUR }) }
    expect((await manager.renew(credential())).accessToken).toBe("access-3")
  })
})

describe("a renewal that fails for a passing reason", () => {
  it.each([
    ["a reset", noAnswer("read ECONNRESET")],
    ["502", page(502)],
    ["429", empty(429)],
  ])("%s: the old token serves while it is valid, with a warning", async (_, reply) => {
    const { manager, store, warnings } = setUp({ stored: expiring(MINUTE), replies: [reply] })
    expect((await manager.current()).accessToken).toBe("access-1")
    expect(warnings()).toEqual(["The token could not be renewed now; the present one still works."])
    expect(store.writes).toEqual([])
  })

  it("is tried again after 30 s, not at each request", async () => {
    const { manager, world } = setUp({ stored: expiring(MINUTE), replies: [page(502), renewal(2)] })
    await manager.current()
    world.pass(29_999)
    expect((await manager.current()).accessToken).toBe("access-1")
    expect(world.requests).toHaveLength(1)
    world.pass(1)
    expect((await manager.current()).accessToken).toBe("access-2")
  })

  it("is tried again when the server said, if it did", async () => {
    const replies = [empty(429, { "retry-after": "120" }), renewal(2)]
    const { manager, world } = setUp({ stored: expiring(4 * MINUTE), replies })
    await manager.current()
    world.pass(119_999)
    expect((await manager.current()).accessToken).toBe("access-1")
    world.pass(1)
    expect((await manager.current()).accessToken).toBe("access-2")
  })

  it("is tried again at once when the token has ended, whatever was said", async () => {
    const replies = [empty(429, { "retry-after": "3600" }), renewal(2)]
    const { manager, world } = setUp({ stored: expiring(MINUTE), replies })
    await manager.current()
    world.pass(MINUTE)
    expect((await manager.current()).accessToken).toBe("access-2")
  })

  it("is an error when the token has ended, and the sign-in is kept", async () => {
    const { manager, store } = setUp({ stored: expiring(0), replies: [noAnswer(), renewal(2)] })
    expect((await failureOf(manager.current())).code).toBe("token_refresh_unavailable")
    expect(store.held.credential?.refreshToken).toBe("refresh-1")
    expect((await manager.current()).accessToken).toBe("access-2")
  })

  it("is an error for a rejected token", async () => {
    const { manager } = setUp({ stored: credential(), replies: [noAnswer()] })
    expect((await failureOf(manager.renew(credential()))).code).toBe("token_refresh_unavailable")
  })

  it("fails all who waited with the same error, after one request", async () => {
    const { manager, world } = setUp({ stored: expiring(0), replies: [noAnswer()] })
    const errors = await Promise.all(Array.from({ length: 10 }, () => failureOf(manager.current())))
    expect(new Set(errors).size).toBe(1)
    expect(world.requests).toHaveLength(1)
  })
})

describe("a refresh token that the server refuses for good", () => {
  it("is an error, and the stored sign-in stays for others", async () => {
    const { manager, store } = setUp({ stored: expiring(0), replies: [refusal] })
    const error = await failureOf(manager.current())
    expect(error.code).toBe("token_refresh_failed")
    expect(error.message).toContain("Invalid refresh token or client_id")
    expect(store.held).toEqual({ credential: expiring(0) })
    expect(store.writes).toEqual([])
  })

  it("is never shown to the server again", async () => {
    const { manager, world } = setUp({ stored: expiring(0), replies: [refusal] })
    const first = await failureOf(manager.current())
    world.pass(HOUR)
    expect(await failureOf(manager.current())).toBe(first)
    expect(await failureOf(manager.renew(expiring(0)))).toBe(first)
    expect(world.requests).toHaveLength(1)
  })

  it("is forgotten when another process signs in", async () => {
    const { manager, store, world } = setUp({ stored: expiring(0), replies: [refusal] })
    await failureOf(manager.current())
    store.held = { credential: credential({ accessToken: "access-of-another", refreshToken: "refresh-of-another" }) }
    world.pass(5_000)
    expect((await manager.current()).accessToken).toBe("access-of-another")
  })

  it("was used a moment before by another process: what that one stored is used", async () => {
    const renewed = credential({ accessToken: "access-of-another", refreshToken: "refresh-of-another" })
    const { manager, store } = setUp({
      stored: expiring(0),
      replies: [
        (request) => {
          store.held = { credential: renewed }
          return refusal(request)
        },
      ],
    })
    expect(await manager.current()).toEqual(renewed)
  })
})

describe("a renewed credential that cannot be stored", () => {
  it("serves this process, with a warning, and is published", async () => {
    const { manager, store, world, published, warnings } = setUp({ stored: expiring(0), replies: [renewal(2)] })
    store.full = true
    expect((await manager.current()).accessToken).toBe("access-2")
    expect(warnings()).toEqual(["The renewed sign-in could not be stored; it serves this process."])
    expect(published.map(({ accessToken }) => accessToken)).toEqual(["access-2"])
    world.pass(HOUR)
    expect((await manager.current()).accessToken).toBe("access-2")
    expect(world.requests).toHaveLength(1)
  })

  it("is itself renewed with its own refresh token", async () => {
    const { manager, store, world } = setUp({ stored: expiring(0), replies: [renewal(2), renewal(3), renewal(4)] })
    store.full = true
    await manager.current()
    world.pass(6 * HOUR)
    await manager.current()
    world.pass(6 * HOUR)
    expect((await manager.current()).accessToken).toBe("access-4")
    expect(world.requests.map(({ form }) => form["refresh_token"])).toEqual(["refresh-1", "refresh-2", "refresh-3"])
  })

  it("gives way to what another process stores", async () => {
    const { manager, store, world } = setUp({ stored: expiring(0), replies: [renewal(2)] })
    store.full = true
    await manager.current()
    store.held = { credential: credential({ accessToken: "access-of-another" }) }
    world.pass(5_000)
    expect((await manager.current()).accessToken).toBe("access-of-another")
  })
})

it("a credential that the host does not take serves all the same, with a warning", async () => {
  const publish = () => Promise.reject(new Error("the host is going down"))
  const { manager, store, warnings } = setUp({ stored: expiring(0), replies: [renewal(2)], publish })
  expect((await manager.current()).accessToken).toBe("access-2")
  expect(store.writes).toHaveLength(1)
  expect(warnings()).toEqual(["The renewed sign-in could not be handed to the host."])
})

describe("a sign-in that just ended well", () => {
  const fresh = credential({ accessToken: "access-new", refreshToken: "refresh-new" })

  it("replaces what was there, at once", async () => {
    const { manager, store } = setUp({ stored: credential() })
    await manager.current()
    await manager.adopt(fresh)
    expect(await manager.current()).toEqual(fresh)
    expect(store.held).toEqual({ credential: fresh })
  })

  it("counts at once although nobody was signed in a moment before", async () => {
    const { manager } = setUp()
    await failureOf(manager.current())
    await manager.adopt(fresh)
    expect(await manager.current()).toEqual(fresh)
  })

  it("is not undone by a look at the store that began before", async () => {
    const { manager, store } = setUp()
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
    const { manager } = setUp({ stored: expiring(0), replies: [refusal] })
    await failureOf(manager.current())
    await manager.adopt(fresh)
    expect(await manager.current()).toEqual(fresh)
  })

  it("waits for a renewal that runs, and is not overwritten by it", async () => {
    const answer = gate()
    const { manager, store } = setUp({ stored: expiring(0), replies: [after(answer.promise, renewal(2))] })
    const renewing = manager.current()
    await settle()
    const adopting = manager.adopt(fresh)
    await settle()
    answer.open()
    await Promise.all([renewing, adopting])
    expect(store.held).toEqual({ credential: fresh })
    expect(await manager.current()).toEqual(fresh)
  })

  it.each([
    ["nothing", undefined],
    ["an old sign-in", expiring(0)],
  ])("that cannot be stored over %s is an error, and serves this process all the same", async (_, stored) => {
    const { manager, store, world } = setUp(stored === undefined ? {} : { stored })
    store.full = true
    expect((await failureOf(manager.adopt(fresh))).code).toBe("credential_not_stored")
    expect(await manager.current()).toEqual(fresh)
    world.pass(HOUR)
    expect(await manager.current()).toEqual(fresh)
  })
})
