import { CredentialManager } from "qwen-auth-core"
import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { expiring, renewal } from "qwen-auth-testing/managed"
import { after } from "qwen-auth-testing/replies"
import { credential, keyCredential, MINUTE, SERVER } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { memorySecrets } from "../testing/memory-secrets.ts"
import { accountStore } from "./account-store.ts"
import { signInSecrets } from "./secrets.ts"
import { formatSignIn } from "./stored-sign-in.ts"

function setUp(stored?: Parameters<typeof memorySecrets>[0], replies: readonly Reply[] = []) {
  const platform = fakePlatform({ replies, autoAdvance: false })
  const alma = memorySecrets(stored)
  const secrets = signInSecrets(platform, alma)
  const store = accountStore(secrets, () => false)
  return { platform, alma, secrets, store, manager: new CredentialManager({ platform, server: SERVER, store }) }
}

describe("the account's store", () => {
  it("reads, writes and clears the account", async () => {
    const { store, alma } = setUp()
    expect(await store.read()).toEqual({})
    expect(await store.withLock((lock) => lock.write(credential()))).toBe("stored")
    expect(await store.read()).toEqual({ credential: credential() })
    await store.clear()
    expect(alma.held.size).toBe(0)
  })

  it("has no account where a key is, and says why", async () => {
    const { problem, credential: none } = await setUp(keyCredential()).store.read()
    expect([none, problem?.code]).toEqual([undefined, "sign_in_changed"])
  })

  it("says why what is there cannot be used", async () => {
    expect((await setUp("junk").store.read()).problem?.code).toBe("credential_unusable")
  })

  it("gives one turn after the other, also after one that failed", async () => {
    const { store } = setUp()
    const order: string[] = []
    const first = gate()
    const turns = [
      store.withLock(async () => {
        order.push("first begins")
        await first.promise
        order.push("first ends")
        throw new Error("first failed")
      }),
      store.withLock(async () => void order.push("second")),
      store.withLock(async () => void order.push("third")),
    ]
    const ended = Promise.allSettled(turns)
    await settle()
    expect(order).toEqual(["first begins"])
    first.open()
    expect((await ended).map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"])
    expect(order).toEqual(["first begins", "first ends", "second", "third"])
  })

  it("holds its turn, and a write that fails is told", async () => {
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
    expect(alma.stored()).toBe(formatSignIn(credential()))
  })
})

describe("a renewal of the account", () => {
  it("does not begin when a key has taken the account's place", async () => {
    const { manager, alma, platform } = setUp(expiring(MINUTE))
    platform.pass(0)
    alma.held.set("credential", formatSignIn(keyCredential()))
    expect((await failureOf(manager.getCredential())).code).toBe("sign_in_changed")
    expect([platform.requests.length, alma.stored()]).toEqual([0, formatSignIn(keyCredential())])
  })

  it("does not begin when the key came while it waited for its turn", async () => {
    const { manager, secrets, store, platform, alma } = setUp(expiring(MINUTE), [renewal(2)])
    const busy = gate()
    const lock = store.withLock(async () => {
      await busy.promise
      await secrets.write(keyCredential())
    })
    const current = failureOf(manager.getCredential())
    await settle()
    busy.open()
    await lock
    expect((await current).code).toBe("sign_in_changed")
    expect([platform.requests.length, alma.stored()]).toEqual([0, formatSignIn(keyCredential())])
  })

  it("under way ends before a key is stored in a turn, which then stays", async () => {
    const answer = gate()
    const { manager, secrets, store, alma } = setUp(expiring(MINUTE), [after(answer.promise, renewal(2))])
    const current = manager.getCredential()
    await settle()
    const key = store.withLock(() => secrets.write(keyCredential()))
    await settle()
    expect(alma.calls).not.toContain("set")
    answer.open()
    expect((await current).accessToken).toBe("access-2")
    await key
    expect(alma.stored()).toBe(formatSignIn(keyCredential()))
  })
})
