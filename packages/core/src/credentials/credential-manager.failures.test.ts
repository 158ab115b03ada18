import { account } from "qwen-auth-testing/account"
import { failureOf } from "qwen-auth-testing/failure-of"
import { until } from "qwen-auth-testing/gate"
import { another, expiring, managed, refusal, renewal } from "qwen-auth-testing/managed"
import { BLOCKED_CONNECTIONS, empty, networkError, page } from "qwen-auth-testing/replies"
import { credential, HOUR, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { secretOf } from "./credential.ts"
import type { CredentialManager } from "./credential-manager.ts"

describe("a refresh that fails with a transient error", () => {
  it.each([
    ["a reset", networkError("read ECONNRESET")],
    ["502", page(502)],
    ["429", empty(429)],
  ])("returns the old token while it is valid, with a warning: %s", async (_, reply) => {
    const { manager, store, warnings } = managed({ stored: expiring(MINUTE), replies: [reply] })
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    expect(warnings()).toEqual(["The token could not be refreshed; the current token still works."])
    expect(store.writes).toEqual([])
  })

  it("is retried after 30 s, not with each request", async () => {
    const { manager, platform } = managed({ stored: expiring(MINUTE), replies: [page(502), renewal(2)] })
    await manager.getCredential()
    platform.pass(29_999)
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    expect(platform.requests).toHaveLength(1)
    platform.pass(1)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
  })

  it("is retried at the time that the server asked for", async () => {
    const replies = [empty(429, { "retry-after": "120" }), renewal(2)]
    const { manager, platform } = managed({ stored: expiring(4 * MINUTE), replies })
    await manager.getCredential()
    platform.pass(119_999)
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    platform.pass(1)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
  })

  it("is retried after a minute when the token has expired, even if the server asks for longer", async () => {
    const replies = [empty(429, { "retry-after": "3600" }), renewal(2)]
    const { manager, platform } = managed({ stored: expiring(MINUTE), replies })
    await manager.getCredential()
    platform.pass(MINUTE)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
  })

  it("is not retried before the time that the server asks for and fails with the same error", async () => {
    const replies = [empty(429, { "retry-after": "20" }), renewal(2)]
    const { manager, platform } = managed({ stored: expiring(0), replies })
    const error = await failureOf(manager.getCredential())
    platform.pass(19_999)
    expect(await failureOf(manager.getCredential())).toBe(error)
    expect(platform.requests).toHaveLength(1)
    platform.pass(1)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
  })

  it("does not delay the use of a token that another process has refreshed", async () => {
    const { manager, store } = managed({ stored: expiring(0), replies: [empty(429, { "retry-after": "20" })] })
    await failureOf(manager.getCredential())
    store.stored = { credential: another() }
    expect(await manager.refresh(expiring(0))).toEqual(another())
  })

  it("is tried three times if the token has expired, and then fails and keeps the sign-in", async () => {
    const replies = [networkError(), page(502), page(503), renewal(2)]
    const { manager, store, platform } = managed({ stored: expiring(0), replies, autoAdvance: true })
    const error = await failureOf(manager.getCredential())
    expect(error.code).toBe("token_refresh_unavailable")
    expect(error.message).toContain("HTTP 503")
    expect(platform.waits).toEqual([1_000, 2_000])
    expect(account(store.stored.credential).refreshToken).toBe("refresh-1")
    expect(secretOf(await manager.getCredential())).toBe("access-2")
  })

  it("is tried three times for a rejected token, and then fails", async () => {
    const { manager, platform } = managed({ stored: credential(), rest: networkError(), autoAdvance: true })
    expect((await failureOf(manager.refresh(credential()))).code).toBe("token_refresh_unavailable")
    expect(platform.requests).toHaveLength(3)
  })

  it("fails with the same error for all waiting callers, after one series of attempts", async () => {
    const { manager, platform } = managed({ stored: expiring(0), rest: networkError(), autoAdvance: true })
    const errors = await Promise.all(Array.from({ length: 10 }, () => failureOf(manager.getCredential())))
    expect(new Set(errors).size).toBe(1)
    expect(platform.requests).toHaveLength(3)
  })
})

describe("a refresh over a blocked connection", () => {
  it.each(BLOCKED_CONNECTIONS)("returns the old token while it is valid, with a warning: %s", async (_, reply) => {
    const { manager, store, platform, warnings } = managed({ stored: expiring(MINUTE), replies: [reply, renewal(2)] })
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    expect(warnings()).toEqual(["The token could not be refreshed; the current token still works."])
    expect(store.writes).toEqual([])
    platform.pass(29_999)
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    platform.pass(1)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
  })

  it.each(BLOCKED_CONNECTIONS)(
    "fails immediately if the token has expired, and keeps the sign-in: %s",
    async (_, reply, code) => {
      const { manager, store, platform } = managed({ stored: expiring(0), replies: [reply, renewal(2)] })
      expect((await failureOf(manager.getCredential())).code).toBe(code)
      expect([platform.requests.length, platform.waits]).toEqual([1, []])
      expect(account(store.stored.credential).refreshToken).toBe("refresh-1")
      expect(secretOf(await manager.getCredential())).toBe("access-2")
    },
  )

  it.each(BLOCKED_CONNECTIONS)("is an error for a rejected token: %s", async (_, reply, code) => {
    const { manager, platform } = managed({ stored: credential(), replies: [reply] })
    expect((await failureOf(manager.refresh(credential()))).code).toBe(code)
    expect(platform.requests).toHaveLength(1)
  })
})

describe("a lock that another process does not release", () => {
  it("leaves the old token in use while it is valid, with a warning, and is requested again after 30 s", async () => {
    const { manager, store, platform, warnings } = managed({ stored: expiring(2 * MINUTE), replies: [renewal(2)] })
    store.locked = true
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    expect(warnings()).toEqual(["The token could not be refreshed; the current token still works."])
    store.locked = false
    platform.pass(29_999)
    expect(secretOf(await manager.getCredential())).toBe("access-1")
    expect(platform.requests).toHaveLength(0)
    platform.pass(1)
    expect(secretOf(await manager.getCredential())).toBe("access-2")
  })

  it.each([
    ["if the token has expired", 0, (manager: CredentialManager) => manager.getCredential()],
    ["if the token was rejected", HOUR, (manager: CredentialManager) => manager.refresh(expiring(HOUR))],
  ])("is an error that names the cause, without a refresh, %s", async (_, leftMs, ask) => {
    const { manager, store, platform } = managed({ stored: expiring(leftMs) })
    store.locked = true
    const error = await failureOf(ask(manager))
    expect(error.code).toBe("token_refresh_unavailable")
    expect(error.message).toBe("The sign-in could not be refreshed: Another process does not finish.")
    expect(error.cause).toMatchObject({ code: "credential_locked" })
    expect(platform.requests).toHaveLength(0)
  })

  it("is not needed if its holder stores a new credential", async () => {
    const { manager, store, platform, warnings } = managed({ stored: expiring(0) })
    store.locked = true
    store.withLock = async (_, skipIf) => {
      expect(await skipIf?.()).toBeUndefined()
      store.stored = { credential: another() }
      const found = await skipIf?.()
      if (found === undefined) throw new Error("did not find what is stored")
      return found
    }
    expect(await manager.getCredential()).toEqual(another())
    expect([platform.requests.length, warnings()]).toEqual([0, []])
  })

  it("is not an error if a new credential was stored at the last moment", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0) })
    const { withLock } = store
    store.locked = true
    store.withLock = async (task) => {
      try {
        return await withLock(task)
      } finally {
        store.stored = { credential: another() }
      }
    }
    expect(await manager.getCredential()).toEqual(another())
    expect(platform.requests).toHaveLength(0)
  })
})

describe("a refresh token that the server permanently refuses", () => {
  it("is an error that keeps the stored sign-in", async () => {
    const { manager, store } = managed({ stored: expiring(0), replies: [refusal] })
    const error = await failureOf(manager.getCredential())
    expect(error.code).toBe("token_refresh_failed")
    expect(error.message).toContain("Invalid refresh token or client_id")
    expect(store.stored).toEqual({ credential: expiring(0) })
    expect(store.writes).toEqual([])
  })

  it("is never sent again", async () => {
    const { manager, platform } = managed({ stored: expiring(0), replies: [refusal] })
    const first = await failureOf(manager.getCredential())
    platform.pass(HOUR)
    expect(await failureOf(manager.getCredential())).toBe(first)
    expect(await failureOf(manager.refresh(expiring(0)))).toBe(first)
    expect(platform.requests).toHaveLength(1)
  })

  it("is forgotten if another process signs in", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [refusal] })
    await failureOf(manager.getCredential())
    store.stored = { credential: another() }
    platform.pass(5_000)
    expect(secretOf(await manager.getCredential())).toBe("access-of-another")
  })

  it("is replaced by the credential of the process that has just used it", async () => {
    const { manager, store } = managed({
      stored: expiring(0),
      replies: [
        (request) => {
          store.stored = { credential: another() }
          return refusal(request)
        },
      ],
    })
    expect(await manager.getCredential()).toEqual(another())
  })
})

describe("a refused refresh token that another program is about to replace", () => {
  const refusalGraceMs = 3_000

  it("is replaced by one that is stored in the grace period, with a read every 250 ms", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [refusal], refusalGraceMs })
    const outcome = manager.getCredential()
    for (let pause = 0; pause < 4; pause++) {
      await until(() => platform.openWaits() > 0)
      if (pause === 3) store.stored = { credential: another() }
      platform.pass(250)
    }
    expect(await outcome).toEqual(another())
    expect(platform.requests).toHaveLength(1)
  })

  it("is permanently refused if nothing was stored", async () => {
    const stored = expiring(0)
    const { manager, store, platform } = managed({ stored, replies: [refusal], refusalGraceMs, autoAdvance: true })
    expect((await failureOf(manager.getCredential())).code).toBe("token_refresh_failed")
    expect(platform.waits.reduce((sum, ms) => sum + ms, 0)).toBe(refusalGraceMs)
    expect(store.stored).toEqual({ credential: stored })
  })

  it("is refused at once if the store has no grace period", async () => {
    const { manager, platform } = managed({ stored: expiring(0), replies: [refusal] })
    expect((await failureOf(manager.getCredential())).code).toBe("token_refresh_failed")
    expect(platform.waits).toEqual([])
  })

  it("does not sign out if the other program removes the file for a moment", async () => {
    const { manager, store, platform } = managed({ stored: expiring(0), replies: [refusal], refusalGraceMs })
    const outcome = manager.getCredential()
    await until(() => platform.openWaits() > 0)
    store.stored = {}
    platform.pass(250)
    await until(() => platform.openWaits() > 0)
    store.stored = { credential: another() }
    platform.pass(250)
    expect(await outcome).toEqual(another())
  })
})
