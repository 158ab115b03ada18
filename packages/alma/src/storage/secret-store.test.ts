import type { Credential } from "qwen-auth-core"
import { formatStoredCredential } from "qwen-auth-core/internal"
import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { credential, keyCredential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { fromHost } from "../testing/from-host.ts"
import { memorySecrets } from "../testing/memory-secrets.ts"
import { secretStore } from "./secret-store.ts"

const ANSWER_MS = 15_000

function setUp(stored?: Parameters<typeof memorySecrets>[0], autoAdvance = true) {
  const platform = fakePlatform({ autoAdvance })
  const alma = memorySecrets(stored)
  const store = secretStore(platform, alma, { store: () => memoryStore() })
  const write = (signIn: Credential) => store.withLock((lock) => lock.write(signIn))
  return { platform, alma, secrets: { read: store.read, clear: store.clear, write } }
}

const never = () => new Promise(() => {})
const locked = () => {
  throw new Error(`the keychain is locked: sk-sp-key-of-the-test, access-1`)
}
/** What a person could read of an error. */
const told = (error: { message: string; remedy: string | undefined } | undefined) =>
  `${error?.message} ${error?.remedy}`

describe("the sign-in in Alma's secret storage", () => {
  it.each([
    ["account", credential()],
    ["key", keyCredential()],
  ])("is read as it was written: %s", async (_, signIn) => {
    const { secrets, alma, platform } = setUp()
    await secrets.write(signIn)
    expect(alma.stored()).toBe(formatStoredCredential(signIn))
    expect(await secrets.read()).toEqual({ credential: signIn })
    await secrets.clear()
    expect(alma.held.size).toBe(0)
    expect(await secrets.read()).toEqual({})
    expect(platform.openWaits()).toBe(0)
  })

  it.each(["", undefined])("is absent when %j is there", async (text) => {
    const { secrets } = setUp(text)
    expect(await secrets.read()).toEqual({})
  })

  it("is absent when Alma answers null", async () => {
    const { secrets, alma } = setUp()
    alma.get = async () => fromHost("null")
    expect(await secrets.read()).toEqual({})
  })

  it.each(["5", "{}", "true", `["${formatStoredCredential(credential()).length}"]`])(
    "is not complete when Alma answers %s, which is no text",
    async (value) => {
      const { secrets, alma } = setUp()
      alma.get = async () => fromHost(value)
      const { credential: none, problem } = await secrets.read()
      expect([none, problem?.code, problem?.message]).toEqual([
        undefined,
        "credential_unusable",
        "The stored sign-in is not complete.",
      ])
    },
  )

  it("is not complete when it is junk, and the junk is not repeated", async () => {
    const { secrets, platform, alma } = setUp("{sk-sp-key-of-the-test")
    const { problem } = await secrets.read()
    expect(problem?.message).toBe("The stored sign-in is not complete.")
    expect(JSON.stringify(platform.logged)).not.toContain("sk-sp-key")
    expect(alma.stored()).toBe("{sk-sp-key-of-the-test")
  })

  it("is a later version's when that says so", async () => {
    const { secrets } = setUp(formatStoredCredential(credential()).replace("{", '{"version": 2,'))
    const { problem } = await secrets.read()
    expect(problem?.message).toBe("The stored sign-in was written by a newer version of this plugin.")
  })
})

describe("a secret storage that fails", () => {
  it("is said without what Alma wrote, and nothing is lost", async () => {
    const { secrets, alma } = setUp(credential())
    alma.before = locked
    const { problem } = await secrets.read()
    expect(problem?.code).toBe("credential_unusable")
    expect(told(problem)).toBe(
      "Alma's secret storage could not be read. Unlock the system's keychain and try again; the sign-in is kept.",
    )
    alma.before = () => {}
    expect(await secrets.read()).toEqual({ credential: credential() })
  })

  it("fails at once in its call, too", async () => {
    const { secrets, alma, platform } = setUp(credential())
    alma.get = locked
    expect((await secrets.read()).problem?.code).toBe("credential_unusable")
    expect(platform.openWaits()).toBe(0)
  })

  it.each(["write", "clear"] as const)("is said by %s, and what is there stays", async (what) => {
    const { secrets, alma, platform } = setUp(credential())
    alma.before = locked
    const failure = await failureOf(what === "write" ? secrets.write(keyCredential()) : secrets.clear())
    expect(failure.code).toBe("credential_not_stored")
    expect(told(failure)).toBe(
      `The sign-in could not be ${what === "write" ? "stored" : "removed"} in Alma's secret storage. ` +
        "Unlock the system's keychain and try again.",
    )
    expect(alma.stored()).toBe(formatStoredCredential(credential()))
    expect(platform.openWaits()).toBe(0)
  })
})

describe("a secret storage that does not answer", () => {
  it("is waited for 15 s, then it counts as failing", async () => {
    const { secrets, alma, platform } = setUp(credential(), false)
    alma.before = never
    const reading = secrets.read()
    let over = false
    void reading.then(() => {
      over = true
    })
    platform.pass(ANSWER_MS - 1)
    await settle()
    expect(over).toBe(false)
    platform.pass(1)
    expect((await reading).problem?.message).toBe("Alma's secret storage could not be read.")
    expect(platform.openWaits()).toBe(0)
  })

  it.each([
    [
      "write",
      "You are signed in, but Alma's secret storage did not answer: the sign-in may not be stored. " +
        "Unlock the system's keychain, then sign in again.",
    ],
    [
      "clear",
      "You are signed out, but Alma's secret storage did not answer: the sign-in may still be stored. " +
        "Unlock the system's keychain, then sign out again.",
    ],
  ] as const)("ends a %s after 15 s", async (what, words) => {
    const { secrets, alma, platform } = setUp()
    alma.before = never
    const failure = await failureOf(what === "write" ? secrets.write(credential()) : secrets.clear())
    expect([failure.code, told(failure)]).toEqual(["credential_not_stored", words])
    expect([platform.waits, platform.openWaits()]).toEqual([[ANSWER_MS], 0])
  })

  it("has time enough for a person to unlock the keychain", async () => {
    const { secrets, alma, platform } = setUp(credential())
    alma.before = () => platform.sleep(ANSWER_MS - 1)
    expect(await secrets.read()).toEqual({ credential: credential() })
  })

  it("may fail later: nobody is hurt", async () => {
    const { secrets, alma, platform } = setUp(credential())
    alma.before = async () => {
      await platform.sleep(2 * ANSWER_MS)
      locked()
    }
    expect((await secrets.read()).problem?.code).toBe("credential_unusable")
    platform.pass(2 * ANSWER_MS)
    await settle()
    expect(platform.openWaits()).toBe(0)
  })
})

describe("a change that the secret storage does not confirm within 15 s", () => {
  /** A storage whose keychain waits for the person at the first change. */
  function waitingForThePerson(stored?: Parameters<typeof memorySecrets>[0]) {
    const all = setUp(stored)
    const person = gate()
    const first: { change?: string } = {}
    all.alma.before = async (call) => {
      if (call === "get" || first.change !== undefined) return
      first.change = call
      await person.promise
    }
    return { ...all, person }
  }

  it("and lands late is followed by the sign-out that was wanted since", async () => {
    const { secrets, alma, person } = waitingForThePerson()
    await failureOf(secrets.write(credential()))
    const failure = await failureOf(secrets.clear())
    expect(failure.message).toMatch(/^You are signed out, but /)
    expect(alma.calls).toEqual(["set"])
    person.open()
    await settle()
    expect(alma.calls).toEqual(["set", "delete"])
    expect(alma.held.size).toBe(0)
    expect(await secrets.read()).toEqual({})
  })

  it("and lands late is followed by the sign-in that was wanted last, and by none between", async () => {
    const { secrets, alma, person } = waitingForThePerson(credential())
    await failureOf(secrets.clear())
    await failureOf(secrets.write(credential({ accessToken: "access-between" })))
    const last = secrets.write(keyCredential())
    person.open()
    await last
    expect(alma.calls).toEqual(["delete", "set"])
    expect(alma.stored()).toBe(formatStoredCredential(keyCredential()))
    expect(await secrets.read()).toEqual({ credential: keyCredential() })
  })

  it("counts as a sign-in until then", async () => {
    const { secrets, person } = waitingForThePerson(credential())
    await failureOf(secrets.write(keyCredential()))
    expect(await secrets.read()).toEqual({ credential: keyCredential() })
    person.open()
    await settle()
    expect(await secrets.read()).toEqual({ credential: keyCredential() })
  })

  it("counts as a sign-out until then, and that it may still be stored is said", async () => {
    const { secrets, alma, person } = waitingForThePerson(credential())
    const failure = await failureOf(secrets.clear())
    const { credential: none, problem } = await secrets.read()
    expect([none, problem?.code, told(problem)]).toEqual([undefined, "credential_unusable", told(failure)])
    expect(alma.stored()).toBe(formatStoredCredential(credential()))
    person.open()
    await settle()
    expect(await secrets.read()).toEqual({})
  })

  it("counts also when it is refused in the end, which is logged; the next sign-out can still do it", async () => {
    const { secrets, alma, platform } = setUp(credential())
    const person = gate()
    alma.before = async (call) => {
      if (call === "get") return
      await person.promise
      locked()
    }
    await failureOf(secrets.clear())
    person.open()
    await settle()
    expect(platform.logged.map(({ level }) => level)).toEqual(["warn"])
    expect((await secrets.read()).problem?.message).toMatch(/may still be stored\.$/)
    alma.before = () => {}
    await secrets.clear()
    expect(alma.held.size).toBe(0)
    expect(await secrets.read()).toEqual({})
  })
})
