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
/** The text that a user can read of an error. */
const textOf = (error: { message: string; remedy: string | undefined } | undefined) =>
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
    expect(alma.values.size).toBe(0)
    expect(await secrets.read()).toEqual({})
    expect(platform.openWaits()).toBe(0)
  })

  it.each(["", undefined])("is absent when %j is stored", async (text) => {
    const { secrets } = setUp(text)
    expect(await secrets.read()).toEqual({})
  })

  it("is absent when Alma answers null", async () => {
    const { secrets, alma } = setUp()
    alma.get = async () => fromHost("null")
    expect(await secrets.read()).toEqual({})
  })

  it.each(["5", "{}", "true", `["${formatStoredCredential(credential()).length}"]`])(
    "is not complete when Alma answers %s, which is not a text",
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

  it("is not complete when the text is junk, and the junk is not repeated", async () => {
    const { secrets, platform, alma } = setUp("{sk-sp-key-of-the-test")
    const { problem } = await secrets.read()
    expect(problem?.message).toBe("The stored sign-in is not complete.")
    expect(JSON.stringify(platform.logged)).not.toContain("sk-sp-key")
    expect(alma.stored()).toBe("{sk-sp-key-of-the-test")
  })

  it("is reported as one of a newer version when it has a higher version", async () => {
    const { secrets } = setUp(formatStoredCredential(credential()).replace("{", '{"version": 2,'))
    const { problem } = await secrets.read()
    expect(problem?.message).toBe("The stored sign-in was written by a newer version of this plugin.")
  })
})

describe("a secret storage that fails", () => {
  it("is reported without Alma's own text, and the sign-in is kept", async () => {
    const { secrets, alma } = setUp(credential())
    alma.before = locked
    const { problem } = await secrets.read()
    expect(problem?.code).toBe("credential_unusable")
    expect(textOf(problem)).toBe(
      "Alma's secret storage could not be read. Unlock the system's keychain and try again; the sign-in is kept.",
    )
    alma.before = () => {}
    expect(await secrets.read()).toEqual({ credential: credential() })
  })

  it("is reported too when the call itself throws", async () => {
    const { secrets, alma, platform } = setUp(credential())
    alma.get = locked
    expect((await secrets.read()).problem?.code).toBe("credential_unusable")
    expect(platform.openWaits()).toBe(0)
  })

  it.each(["write", "clear"] as const)("fails a %s, and the stored sign-in stays", async (what) => {
    const { secrets, alma, platform } = setUp(credential())
    alma.before = locked
    const failure = await failureOf(what === "write" ? secrets.write(keyCredential()) : secrets.clear())
    expect(failure.code).toBe("credential_not_stored")
    expect(textOf(failure)).toBe(
      `The sign-in could not be ${what === "write" ? "stored" : "removed"} in Alma's secret storage. ` +
        "Unlock the system's keychain and try again.",
    )
    expect(alma.stored()).toBe(formatStoredCredential(credential()))
    expect(platform.openWaits()).toBe(0)
  })
})

describe("a secret storage that does not answer", () => {
  it("counts as failing after 15 s", async () => {
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
  ] as const)("ends a %s after 15 s", async (what, text) => {
    const { secrets, alma, platform } = setUp()
    alma.before = never
    const failure = await failureOf(what === "write" ? secrets.write(credential()) : secrets.clear())
    expect([failure.code, textOf(failure)]).toEqual(["credential_not_stored", text])
    expect([platform.waits, platform.openWaits()]).toEqual([[ANSWER_MS], 0])
  })

  it("leaves the user time to unlock the keychain", async () => {
    const { secrets, alma, platform } = setUp(credential())
    alma.before = () => platform.sleep(ANSWER_MS - 1)
    expect(await secrets.read()).toEqual({ credential: credential() })
  })

  it("may fail later without an unhandled rejection", async () => {
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
  /** A storage whose keychain waits for the user at the first change. */
  function waitingForTheUser(stored?: Parameters<typeof memorySecrets>[0]) {
    const all = setUp(stored)
    const user = gate()
    const first: { change?: string } = {}
    all.alma.before = async (call) => {
      if (call === "get" || first.change !== undefined) return
      first.change = call
      await user.promise
    }
    return { ...all, user }
  }

  it("is followed by a later sign-out when it is made late", async () => {
    const { secrets, alma, user } = waitingForTheUser()
    await failureOf(secrets.write(credential()))
    const failure = await failureOf(secrets.clear())
    expect(failure.message).toMatch(/^You are signed out, but /)
    expect(alma.calls).toEqual(["set"])
    user.open()
    await settle()
    expect(alma.calls).toEqual(["set", "delete"])
    expect(alma.values.size).toBe(0)
    expect(await secrets.read()).toEqual({})
  })

  it("is followed by the latest of the later sign-ins only when it is made late", async () => {
    const { secrets, alma, user } = waitingForTheUser(credential())
    await failureOf(secrets.clear())
    await failureOf(secrets.write(credential({ accessToken: "access-between" })))
    const last = secrets.write(keyCredential())
    user.open()
    await last
    expect(alma.calls).toEqual(["delete", "set"])
    expect(alma.stored()).toBe(formatStoredCredential(keyCredential()))
    expect(await secrets.read()).toEqual({ credential: keyCredential() })
  })

  it("counts as a sign-in until it is confirmed", async () => {
    const { secrets, user } = waitingForTheUser(credential())
    await failureOf(secrets.write(keyCredential()))
    expect(await secrets.read()).toEqual({ credential: keyCredential() })
    user.open()
    await settle()
    expect(await secrets.read()).toEqual({ credential: keyCredential() })
  })

  it("counts as a sign-out until it is confirmed, and the problem says that the sign-in may still be stored", async () => {
    const { secrets, alma, user } = waitingForTheUser(credential())
    const failure = await failureOf(secrets.clear())
    const { credential: none, problem } = await secrets.read()
    expect([none, problem?.code, textOf(problem)]).toEqual([undefined, "credential_unusable", textOf(failure)])
    expect(alma.stored()).toBe(formatStoredCredential(credential()))
    user.open()
    await settle()
    expect(await secrets.read()).toEqual({})
  })

  it("counts also when it is refused later, which is logged, and the next sign-out can still remove the sign-in", async () => {
    const { secrets, alma, platform } = setUp(credential())
    const user = gate()
    alma.before = async (call) => {
      if (call === "get") return
      await user.promise
      locked()
    }
    await failureOf(secrets.clear())
    user.open()
    await settle()
    expect(platform.logged.map(({ level }) => level)).toEqual(["warn"])
    expect((await secrets.read()).problem?.message).toMatch(/may still be stored\.$/)
    alma.before = () => {}
    await secrets.clear()
    expect(alma.values.size).toBe(0)
    expect(await secrets.read()).toEqual({})
  })
})
