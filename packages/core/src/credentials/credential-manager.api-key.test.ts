import { account } from "qwen-auth-testing/account"
import { gate, settle } from "qwen-auth-testing/gate"
import { expiring, managed, renewal } from "qwen-auth-testing/managed"
import { after } from "qwen-auth-testing/replies"
import { credential, keyCredential, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"

describe("a stored API key", () => {
  it("is returned unchanged for any length of time, without a request", async () => {
    const { manager, platform } = managed()
    await manager.setCredential(keyCredential())
    expect(await manager.getCredential()).toEqual(keyCredential())
    platform.pass(365 * 24 * 60 * MINUTE)
    expect(await manager.getCredential()).toEqual(keyCredential())
    expect(platform.requests).toEqual([])
  })

  it("replaces an account whose token was rejected", async () => {
    const { manager, store, platform } = managed({ stored: credential() })
    const rejected = account(await manager.getCredential())
    store.stored = { credential: keyCredential() }
    expect(await manager.refresh(rejected)).toEqual(keyCredential())
    expect(platform.requests).toEqual([])
  })

  it("stays if a refresh of the account ends after the key was stored", async () => {
    const answer = gate()
    const { manager, store, published } = managed({
      stored: expiring(MINUTE),
      replies: [after(answer.promise, renewal(2))],
    })
    const refreshing = manager.getCredential()
    await settle()
    const signIn = manager.setCredential(keyCredential())
    answer.open()
    await Promise.all([refreshing, signIn])
    expect(store.stored).toEqual({ credential: keyCredential() })
    expect(published.length).toBe(1)
    expect(await manager.getCredential()).toEqual(keyCredential())
  })

  it("is replaced by an account, and removed by a sign-out", async () => {
    const { manager, store } = managed()
    await manager.setCredential(keyCredential())
    await manager.setCredential(credential())
    expect(await manager.getCredential()).toEqual(credential())
    await manager.setCredential(keyCredential())
    await manager.clear()
    expect(store.stored).toEqual({})
    await expect(manager.getCredential()).rejects.toMatchObject({ code: "authentication_required" })
  })
})
