import { account } from "qwen-auth-testing/account"
import { START } from "qwen-auth-testing/fake-platform"
import { expiring, managed, renewal } from "qwen-auth-testing/managed"
import { empty, networkError } from "qwen-auth-testing/replies"
import { credential, HOUR, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { secretOf } from "./credential.ts"

/** The headers of a response of a server whose clock is `aheadMs` ahead of `now`. */
const dated = (now: number, aheadMs: number) => ({ date: new Date(now + aheadMs).toUTCString() })

/**
 * A machine whose clock is wrong: the server's clock is `aheadMs` ahead of it. A refreshed token lives six hours by the
 * server's clock.
 */
function wrongClock(aheadMs: number, leftByServerMs: number) {
  const all = managed({
    stored: credential({ expiresAt: START + aheadMs + leftByServerMs }),
    rest: (request) => renewal(all.platform.requests.length + 1, {}, dated(START + request.at, aheadMs))(request),
  })
  const syncClock = () => all.manager.syncClock(new Headers(dated(all.platform.now(), aheadMs)))
  return { ...all, syncClock }
}

describe("a clock that is 12 h ahead of the server's", () => {
  it("costs one refresh, because a valid token looks expired once", async () => {
    const { manager, platform, store } = wrongClock(-12 * HOUR, 6 * HOUR)
    for (let request = 0; request < 100; request++) {
      expect(secretOf(await manager.getCredential())).toBe("access-2")
      platform.pass(MINUTE)
    }
    expect(platform.requests).toHaveLength(1)
    expect(account(store.stored.credential).expiresAt).toBe(START - 12 * HOUR + 6 * HOUR)
  })

  it("costs no refresh after a response of the server", async () => {
    const { manager, platform, syncClock } = wrongClock(-12 * HOUR, 6 * HOUR)
    syncClock()
    for (let request = 0; request < 100; request++) {
      expect(secretOf(await manager.getCredential())).toBe("access-1")
      platform.pass(MINUTE)
    }
    expect(platform.requests).toHaveLength(0)
  })

  it("costs no refresh of a token that another process just refreshed", async () => {
    const { manager, store, platform } = wrongClock(-12 * HOUR, 0)
    const refreshed = credential({ accessToken: "access-of-another", expiresAt: START - 6 * HOUR })
    const { withLock } = store
    store.withLock = (task, skipIf) => {
      store.stored = { credential: refreshed }
      return withLock(task, skipIf)
    }
    expect(await manager.getCredential()).toEqual(refreshed)
    expect(platform.requests).toHaveLength(0)
  })
})

describe("a clock that is 12 h behind the server's", () => {
  it("does not return an expired token after a response of the server", async () => {
    const { manager, platform, syncClock } = wrongClock(12 * HOUR, -HOUR)
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    syncClock()
    for (let request = 0; request < 100; request++) {
      expect(secretOf(await manager.getCredential())).toBe("access-2")
      platform.pass(MINUTE)
      syncClock()
    }
    expect(platform.requests).toHaveLength(1)
  })

  it("refreshes an expired token once after the server rejected it", async () => {
    const { manager, platform } = wrongClock(12 * HOUR, -HOUR)
    const rejected = await manager.getCredential()
    await Promise.all(Array.from({ length: 50 }, () => manager.refresh(account(rejected))))
    for (let request = 0; request < 100; request++) await manager.getCredential()
    expect(platform.requests).toHaveLength(1)
  })
})

describe("the expiry of a token", () => {
  it.each([12 * HOUR, -12 * HOUR])("is computed by the server's clock when that is %i ms ahead", async (aheadMs) => {
    const { manager, platform, syncClock } = wrongClock(aheadMs, 6 * HOUR)
    syncClock()
    platform.pass(6 * HOUR - 5 * MINUTE)
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    platform.pass(1)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
  })

  it("is computed by the local clock when that differs by less than a minute", async () => {
    const { manager, platform } = managed({ stored: expiring(5 * MINUTE) })
    manager.syncClock(new Headers(dated(START, MINUTE)))
    await manager.getCredential()
    expect(platform.requests).toHaveLength(0)
  })

  it.each([[{}], [{ date: "soon" }]])(
    "is computed by the known skew when a response has no date: %j",
    async (headers) => {
      const { manager, platform, syncClock } = wrongClock(-12 * HOUR, 6 * HOUR)
      syncClock()
      manager.syncClock(new Headers(headers))
      expect(secretOf(await manager.getCredential())).toBe("access-1")
      expect(platform.requests).toHaveLength(0)
    },
  )

  it.each([12 * HOUR, -12 * HOUR])(
    "is computed by the known skew when the token's own response has no date: %i ms ahead",
    async (aheadMs) => {
      const { manager, platform, store } = managed({
        stored: credential({ expiresAt: START + aheadMs }),
        rest: (request) => renewal(platform.requests.length + 1)(request),
      })
      manager.syncClock(new Headers(dated(START, aheadMs)))
      for (let request = 0; request < 100; request++) {
        expect(secretOf(await manager.getCredential())).toBe("access-2")
        platform.pass(MINUTE)
      }
      expect(account(store.stored.credential).expiresAt).toBe(START + aheadMs + 6 * HOUR)
    },
  )
})

describe("a wrong clock that is corrected while the process runs", () => {
  it.each([
    ["ahead", -12 * HOUR],
    ["behind", 12 * HOUR],
  ])("costs no refresh after the next response of the server: it was %s", async (_, aheadMs) => {
    const { manager, platform, store, syncClock } = wrongClock(aheadMs, 6 * HOUR)
    syncClock()
    await manager.getCredential()
    platform.pass(aheadMs)
    const syncCorrectedClock = () => manager.syncClock(new Headers(dated(platform.now(), 0)))
    syncCorrectedClock()
    for (let request = 0; request < 100; request++) {
      await manager.getCredential()
      platform.pass(MINUTE)
      syncCorrectedClock()
    }
    expect(platform.requests).toHaveLength(0)
    expect(store.writes).toEqual([])
  })
})

it("a clock that is set back does not prolong the wait that a server asks for", async () => {
  const { manager, platform } = managed({
    stored: expiring(6 * HOUR),
    replies: [empty(429, { "retry-after": "20" }), renewal(2)],
  })
  const rejected = await manager.getCredential()
  await expect(manager.refresh(account(rejected))).rejects.toMatchObject({ code: "token_refresh_unavailable" })
  platform.pass(-HOUR)
  expect(secretOf(await manager.refresh(account(rejected)))).toBe("access-2")
})

it("the server's time does not prolong the pause after a failed attempt", async () => {
  const { manager, platform } = managed({ stored: expiring(MINUTE), replies: [networkError(), renewal(2)] })
  await manager.getCredential()
  manager.syncClock(new Headers(dated(START, -2 * MINUTE)))
  platform.pass(29_999)
  expect(secretOf(await manager.getCredential())).toBe("access-1")
  platform.pass(1)
  expect(secretOf(await manager.getCredential())).toBe("access-2")
})
