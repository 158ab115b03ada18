import { CredentialManager } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import { failureOf } from "../../../core/src/testing/failure-of.ts"
import { fakeWorld, type Reply } from "../../../core/src/testing/fake-world.ts"
import { gate, settle } from "../../../core/src/testing/gate.ts"
import { expiring, renewal } from "../../../core/src/testing/managed.ts"
import { after } from "../../../core/src/testing/replies.ts"
import { credential, keyCredential, MINUTE, SERVER } from "../../../core/src/testing/samples.ts"
import { memorySecrets } from "../testing/memory-secrets.ts"
import { accountStore } from "./account-store.ts"
import { signInSecrets } from "./secrets.ts"
import { formatSignIn } from "./stored-sign-in.ts"

function setUp(stored?: Parameters<typeof memorySecrets>[0], replies: readonly Reply[] = []) {
  const world = fakeWorld({ replies, autoAdvance: false })
  const alma = memorySecrets(stored)
  const secrets = signInSecrets(world, alma)
  const store = accountStore(secrets, () => false)
  return { world, alma, secrets, store, manager: new CredentialManager({ world, server: SERVER, store }) }
}

describe("the account's store", () => {
  it("reads, writes and clears the account", async () => {
    const { store, alma } = setUp()
    expect(await store.read()).toEqual({})
    expect(await store.exclusive((turn) => turn.write(credential()))).toBe("stored")
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
      store.exclusive(async () => {
        order.push("first begins")
        await first.promise
        order.push("first ends")
        throw new Error("first failed")
      }),
      store.exclusive(async () => void order.push("second")),
      store.exclusive(async () => void order.push("third")),
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
      store.exclusive(async (turn) => {
        expect(await turn.held()).toBe(true)
        await turn.reserve()
        return turn.write(credential({ accessToken: "access-2" }))
      }),
    )
    expect(failure.code).toBe("credential_not_stored")
    expect(alma.stored()).toBe(formatSignIn(credential()))
  })
})

describe("a renewal of the account", () => {
  it("does not begin when a key has taken the account's place", async () => {
    const { manager, alma, world } = setUp(expiring(MINUTE))
    world.pass(0)
    alma.held.set("credential", formatSignIn(keyCredential()))
    expect((await failureOf(manager.current())).code).toBe("sign_in_changed")
    expect([world.requests.length, alma.stored()]).toEqual([0, formatSignIn(keyCredential())])
  })

  it("does not begin when the key came while it waited for its turn", async () => {
    const { manager, secrets, store, world, alma } = setUp(expiring(MINUTE), [renewal(2)])
    const busy = gate()
    const turn = store.exclusive(async () => {
      await busy.promise
      await secrets.write(keyCredential())
    })
    const current = failureOf(manager.current())
    await settle()
    busy.open()
    await turn
    expect((await current).code).toBe("sign_in_changed")
    expect([world.requests.length, alma.stored()]).toEqual([0, formatSignIn(keyCredential())])
  })

  it("under way ends before a key is stored in a turn, which then stays", async () => {
    const answer = gate()
    const { manager, secrets, store, alma } = setUp(expiring(MINUTE), [after(answer.promise, renewal(2))])
    const current = manager.current()
    await settle()
    const key = store.exclusive(() => secrets.write(keyCredential()))
    await settle()
    expect(alma.calls).not.toContain("set")
    answer.open()
    expect((await current).accessToken).toBe("access-2")
    await key
    expect(alma.stored()).toBe(formatSignIn(keyCredential()))
  })
})
