import { CredentialManager, formatStoredCredential } from "qwen-auth-core/internal"
import { account } from "qwen-auth-testing/account"
import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { expiring, renewal } from "qwen-auth-testing/managed"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { after } from "qwen-auth-testing/replies"
import { credential, keyCredential, MINUTE, SERVER } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { memorySecrets } from "../testing/memory-secrets.ts"
import { secretStore } from "./secret-store.ts"

function setUp(stored?: Parameters<typeof memorySecrets>[0], replies: readonly Reply[] = []) {
  const platform = fakePlatform({ replies, autoAdvance: false })
  const alma = memorySecrets(stored)
  const store = secretStore(platform, alma, { store: () => memoryStore() })
  return { platform, alma, store, manager: new CredentialManager({ platform, server: SERVER, store }) }
}

describe("the lock of Alma's secret storage", () => {
  it("lets an account be written", async () => {
    const { store, alma } = setUp()
    expect(await store.read()).toEqual({})
    expect(await store.withLock((lock) => lock.write(credential()))).toBe("stored")
    expect(await store.read()).toEqual({ credential: credential() })
    await store.clear()
    expect(alma.values.size).toBe(0)
  })

  it("returns the reason why the stored text cannot be used", async () => {
    expect((await setUp("junk").store.read()).problem?.code).toBe("credential_unusable")
  })

  it("runs one task after the other, also after a task that failed", async () => {
    const { store } = setUp()
    const order: string[] = []
    const first = gate()
    const tasks = [
      store.withLock(async () => {
        order.push("first begins")
        await first.promise
        order.push("first ends")
        throw new Error("first failed")
      }),
      store.withLock(async () => void order.push("second")),
      store.withLock(async () => void order.push("third")),
    ]
    const ended = Promise.allSettled(tasks)
    await settle()
    expect(order).toEqual(["first begins"])
    first.open()
    expect((await ended).map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"])
    expect(order).toEqual(["first begins", "first ends", "second", "third"])
  })

  it("is held during its task, and a failed write rejects the task", async () => {
    const { store, alma } = setUp(credential())
    alma.before = (call) => {
      if (call === "set") throw new Error("locked")
    }
    const failure = await failureOf(
      store.withLock(async (lock) => {
        expect(await lock.isHeld()).toBe(true)
        await lock.reserveSpace()
        return lock.write(credential({ accessToken: "access-2" }))
      }),
    )
    expect(failure.code).toBe("credential_not_stored")
    expect(alma.stored()).toBe(formatStoredCredential(credential()))
  })
})

describe("a refresh of the account", () => {
  it("is not started when an API key has replaced the account: the key is used", async () => {
    const { manager, alma, platform } = setUp(expiring(MINUTE))
    platform.pass(0)
    alma.values.set("credential", formatStoredCredential(keyCredential()))
    expect(await manager.getCredential()).toEqual(keyCredential())
    expect([platform.requests.length, alma.stored()]).toEqual([0, formatStoredCredential(keyCredential())])
  })

  it("is not started when an API key is stored while it waits for the lock: the key is used", async () => {
    const { manager, store, platform, alma } = setUp(expiring(MINUTE), [renewal(2)])
    const busy = gate()
    const signIn = store.withLock(async (lock) => {
      await busy.promise
      await lock.write(keyCredential())
    })
    const current = manager.getCredential()
    await settle()
    busy.open()
    await signIn
    expect(await current).toEqual(keyCredential())
    expect([platform.requests.length, alma.stored()]).toEqual([0, formatStoredCredential(keyCredential())])
  })

  it("ends before an API key is stored, which then stays", async () => {
    const answer = gate()
    const { manager, store, alma } = setUp(expiring(MINUTE), [after(answer.promise, renewal(2))])
    const current = manager.getCredential()
    await settle()
    const key = store.withLock((lock) => lock.write(keyCredential()))
    await settle()
    expect(alma.calls).not.toContain("set")
    answer.open()
    expect(account(await current).accessToken).toBe("access-2")
    await key
    expect(alma.stored()).toBe(formatStoredCredential(keyCredential()))
  })
})
