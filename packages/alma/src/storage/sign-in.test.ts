import { type Credential, QwenAuthError, type QwenAuthErrorCode } from "qwen-auth-core"
import { formatStoredCredential } from "qwen-auth-core/internal"
import { failureOf } from "qwen-auth-testing/failure-of"
import { START } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { expiring, renewal } from "qwen-auth-testing/managed"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { after } from "qwen-auth-testing/replies"
import { credential, HOUR, keyCredential, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { setUp as setUpParts } from "../testing/set-up.ts"
import type { SignIn } from "./sign-in.ts"

const setUp = (stored?: Credential | string, options: Parameters<typeof setUpParts>[0] = {}) =>
  setUpParts({ autoAdvance: false, stored, ...options })

const otherKey = keyCredential({ apiKey: "sk-sp-another-key" })
const otherAccount = credential({ accessToken: "access-9", refreshToken: "refresh-9" })
const refusal = (code: QwenAuthErrorCode) => new QwenAuthError(code, "It was refused.", { remedy: "Do something." })
const failing = (wanted: string) => (call: string) => {
  if (call === wanted) throw new Error("locked")
}

describe("the credential for a request", () => {
  it("is the stored key, without a request", async () => {
    const { signIn, platform } = setUp(keyCredential())
    expect(await signIn.getCredential()).toEqual(keyCredential())
    expect(platform.requests).toEqual([])
  })

  it("is the stored account, refreshed when it expires soon", async () => {
    expect(await setUp(credential()).signIn.getCredential()).toEqual(credential())
    const { signIn, secrets } = setUp(expiring(MINUTE), { replies: [renewal(2)] })
    expect(await signIn.getCredential()).toMatchObject({ accessToken: "access-2" })
    expect(secrets.stored()).toContain("refresh-2")
    expect((await signIn.state()).refreshedAt).toBe(START)
  })

  it("is refreshed once for all requests that need it", async () => {
    const { signIn, platform } = setUp(expiring(-1), { replies: [renewal(2)] })
    const all = await Promise.all([signIn.getCredential(), signIn.getCredential(), signIn.getCredential()])
    expect(all.map((one) => one.type === "oauth" && one.accessToken)).toEqual(["access-2", "access-2", "access-2"])
    expect(platform.requests).toHaveLength(1)
  })

  it("is a refreshed one after a token was rejected", async () => {
    const { signIn } = setUp(credential(), { replies: [renewal(2)] })
    expect(await signIn.refresh(credential())).toMatchObject({ accessToken: "access-2" })
  })

  it("is missing when no user is signed in, and unusable when the stored text is", async () => {
    expect((await failureOf(setUp().signIn.getCredential())).code).toBe("authentication_required")
    expect((await failureOf(setUp("junk").signIn.getCredential())).code).toBe("credential_unusable")
  })

  it("is read again after 5 s and not before", async () => {
    const { signIn, secrets, platform } = setUp(keyCredential())
    await signIn.getCredential()
    secrets.values.set("credential", formatStoredCredential(otherKey))
    platform.pass(4_999)
    expect(await signIn.getCredential()).toEqual(keyCredential())
    expect(secrets.calls).toEqual(["get"])
    platform.pass(1)
    expect(await signIn.getCredential()).toEqual(otherKey)
  })

  it("is read again after a failed read", async () => {
    const { signIn, secrets } = setUp(keyCredential())
    secrets.before = failing("get")
    expect((await failureOf(signIn.getCredential())).message).toBe("Alma's secret storage could not be read.")
    secrets.before = () => {}
    expect(await signIn.getCredential()).toEqual(keyCredential())
  })
})

describe("a new sign-in", () => {
  it.each([
    ["a key in place of an account", credential(), keyCredential()],
    ["an account in place of a key", keyCredential(), credential()],
    ["a key in place of a key", keyCredential(), otherKey],
    ["an account in place of an account", credential(), otherAccount],
    ["a key", undefined, keyCredential()],
    ["an account", undefined, credential()],
  ])("is used at once: %s", async (_, before, added) => {
    const { signIn, secrets } = setUp(before)
    await signIn.getCredential().catch(() => {})
    await signIn.setCredential(added)
    expect(await signIn.getCredential()).toEqual(added)
    expect(await signIn.state()).toEqual({ credential: added })
    expect([...secrets.values]).toEqual([["credential", formatStoredCredential(added)]])
  })

  it("discards the errors of the previous one", async () => {
    const { signIn } = setUp(keyCredential())
    signIn.outcome(undefined, refusal("api_key_rejected"))
    await settle()
    await signIn.setCredential(keyCredential())
    expect(await signIn.state()).toEqual({ credential: keyCredential() })
  })

  it("with a key waits for a running refresh of the account, which does not return", async () => {
    const answer = gate()
    const { signIn, secrets } = setUp(expiring(MINUTE), { replies: [after(answer.promise, renewal(2))] })
    const refreshing = signIn.getCredential()
    await settle()
    const stored = signIn.setCredential(keyCredential())
    await settle()
    answer.open()
    await Promise.all([refreshing, stored])
    expect(secrets.stored()).toBe(formatStoredCredential(keyCredential()))
    expect(await signIn.getCredential()).toEqual(keyCredential())
  })

  it("with an account survives a running refresh of the previous account", async () => {
    const answer = gate()
    const { signIn, secrets } = setUp(expiring(MINUTE), { replies: [after(answer.promise, renewal(2))] })
    const refreshing = signIn.getCredential()
    await settle()
    const stored = signIn.setCredential(otherAccount)
    answer.open()
    await Promise.all([refreshing, stored])
    expect(secrets.stored()).toBe(formatStoredCredential(otherAccount))
    expect(await signIn.getCredential()).toEqual(otherAccount)
  })

  it("with a key is used at once, also when a request read the storage meanwhile", async () => {
    const { signIn, secrets } = setUp(otherKey)
    const storing = gate()
    secrets.before = (call) => (call === "set" ? storing.promise : undefined)
    const stored = signIn.setCredential(keyCredential())
    await settle()
    await signIn.getCredential().catch(() => {})
    storing.open()
    await stored
    expect(await signIn.getCredential()).toEqual(keyCredential())
  })

  it("with an account is used at once, also when a request read the key meanwhile", async () => {
    const { signIn, secrets } = setUp(keyCredential())
    const storing = gate()
    secrets.before = (call) => (call === "set" ? storing.promise : undefined)
    const stored = signIn.setCredential(credential())
    await settle()
    await signIn.getCredential()
    storing.open()
    await stored
    expect(await signIn.getCredential()).toEqual(credential())
  })

  it.each([
    ["a key", keyCredential()],
    ["an account", otherAccount],
  ])("leaves the stored account when %s cannot be stored", async (_, added) => {
    const { signIn, secrets } = setUp(credential())
    secrets.before = failing("set")
    expect((await failureOf(signIn.setCredential(added))).code).toBe("credential_not_stored")
    expect(secrets.stored()).toBe(formatStoredCredential(credential()))
  })
})

describe("signing out", () => {
  it.each([
    ["account", credential()],
    ["key", keyCredential()],
  ])("removes the %s, and the next request asks for a sign-in", async (_, stored) => {
    const { signIn, secrets } = setUp(stored)
    await signIn.getCredential()
    signIn.outcome(undefined, refusal("rate_limited"))
    await signIn.clear()
    expect(secrets.values.size).toBe(0)
    expect(await signIn.state()).toEqual({})
    expect((await failureOf(signIn.getCredential())).code).toBe("authentication_required")
  })

  it("ends the use of a key, also when a request read the storage meanwhile", async () => {
    const { signIn, secrets } = setUp(keyCredential())
    const removing = gate()
    secrets.before = (call) => (call === "delete" ? removing.promise : undefined)
    const cleared = signIn.clear()
    await settle()
    await signIn.getCredential().catch(() => {})
    removing.open()
    await cleared
    expect((await failureOf(signIn.getCredential())).code).toBe("authentication_required")
  })

  it("is not undone by a running refresh", async () => {
    const answer = gate()
    const { signIn, secrets } = setUp(expiring(MINUTE), { replies: [after(answer.promise, renewal(2))] })
    const refreshing = signIn.getCredential()
    await settle()
    const cleared = signIn.clear()
    answer.open()
    await Promise.all([refreshing, cleared])
    expect(secrets.values.size).toBe(0)
  })

  it.each([
    ["a key", keyCredential()],
    ["an account", otherAccount],
  ])("while %s is being stored leaves nothing stored", async (_, added) => {
    const { signIn, secrets } = setUp(credential())
    const stored = signIn.setCredential(added)
    const cleared = signIn.clear()
    await Promise.all([stored, cleared])
    expect(secrets.values.size).toBe(0)
  })

  it("rejects when it fails, and the sign-in stays", async () => {
    const { signIn, secrets } = setUp(credential())
    secrets.before = failing("delete")
    expect((await failureOf(signIn.clear())).code).toBe("credential_not_stored")
    expect((await signIn.state()).credential).toEqual(credential())
  })
})

describe("another program's sign-in, used in place", () => {
  it("is read from its own store, and the secret storage holds no token", async () => {
    const file = memoryStore(credential())
    const { signIn, secrets } = setUp(otherAccount, { inPlace: { "qwen-code": file } })
    await signIn.useInPlace("qwen-code")
    expect((await signIn.getCredential()).type).toBe("oauth")
    expect((await signIn.state()).credential).toEqual(credential())
    expect(secrets.stored()).toBe('{"in_place":"qwen-code"}')
    expect(file.writes).toEqual([])
  })

  it("is refreshed under its own lock and stays there, also after a restart", async () => {
    const file = memoryStore(expiring(MINUTE))
    const { signIn, secrets } = setUp(undefined, { inPlace: { "qwen-code": file }, replies: [renewal(2)] })
    await signIn.useInPlace("qwen-code")
    expect(await signIn.getCredential()).toMatchObject({ accessToken: "access-2" })
    expect(file.writes).toMatchObject([{ accessToken: "access-2" }])
    const again = setUp(secrets.stored(), { inPlace: { "qwen-code": file } })
    expect(await again.signIn.getCredential()).toMatchObject({ accessToken: "access-2" })
    expect(again.platform.requests).toEqual([])
  })

  it("is the one that its program has stored last", async () => {
    const file = memoryStore(credential())
    const { signIn, platform } = setUp(undefined, { inPlace: { own: file } })
    await signIn.useInPlace("own")
    await signIn.getCredential()
    file.stored = { credential: otherAccount }
    platform.pass(MINUTE)
    expect(await signIn.getCredential()).toEqual(otherAccount)
  })

  it.each([
    ["a sign-out", (signIn: SignIn) => signIn.clear()],
    ["a new sign-in", (signIn: SignIn) => signIn.setCredential(keyCredential())],
  ])("stays with its program after %s", async (_, change) => {
    const file = memoryStore(credential())
    const { signIn, secrets } = setUp(undefined, { inPlace: { "qwen-code": file } })
    await signIn.useInPlace("qwen-code")
    await signIn.getCredential()
    await change(signIn)
    expect([file.stored, file.writes]).toEqual([{ credential: credential() }, []])
    expect(secrets.stored() ?? "").not.toContain("in_place")
    expect((await signIn.state()).credential?.type).not.toBe("oauth")
  })

  it("is gone when its program signs out", async () => {
    const file = memoryStore(credential())
    const { signIn, platform } = setUp(undefined, { inPlace: { "qwen-code": file } })
    await signIn.useInPlace("qwen-code")
    file.stored = {}
    platform.pass(MINUTE)
    expect((await failureOf(signIn.getCredential())).code).toBe("authentication_required")
  })

  it("replaces a sign-in that is being refreshed when the refresh has ended", async () => {
    const answer = gate()
    const file = memoryStore(otherAccount)
    const { signIn, secrets } = setUp(expiring(MINUTE), {
      inPlace: { "qwen-code": file },
      replies: [after(answer.promise, renewal(2))],
    })
    const refreshed = signIn.getCredential()
    await settle()
    const switched = signIn.useInPlace("qwen-code")
    answer.open()
    await Promise.all([refreshed, switched])
    expect(secrets.stored()).toBe('{"in_place":"qwen-code"}')
    expect(await signIn.getCredential()).toEqual(otherAccount)
  })

  it("is not used when Alma cannot store the choice", async () => {
    const { signIn, secrets } = setUp(undefined, { inPlace: { own: memoryStore(credential()) } })
    secrets.before = failing("set")
    expect((await failureOf(signIn.useInPlace("own"))).code).toBe("credential_not_stored")
  })
})

describe("a refusal of the service", () => {
  it.each([
    "api_key_rejected",
    "api_key_malformed",
    "free_tier_ended",
    "session_expired",
    "token_refresh_failed",
  ] as const)("that is final (%s) makes the sign-in unusable until another one", async (code) => {
    const { signIn, platform } = setUp(credential())
    const error = refusal(code)
    signIn.outcome(undefined, error)
    await settle()
    const refused = { credential: credential(), problem: error, lastError: { error, at: START } }
    expect(await signIn.state()).toMatchObject(refused)
    platform.pass(HOUR)
    expect(await signIn.state()).toMatchObject(refused)
    await signIn.setCredential(otherAccount)
    expect(await signIn.state()).toEqual({ credential: otherAccount })
  })

  it.each([
    "rate_limited",
    "service_unreachable",
    "web_firewall",
    "quota_exhausted",
    "model_not_available",
    "token_refresh_unavailable",
    "request_refused",
    "credential_not_stored",
    "sign_in_changed",
    "client_not_allowed",
  ] as const)("that is temporary (%s) leaves the sign-in usable", async (code) => {
    const { signIn, platform } = setUp(keyCredential())
    platform.pass(MINUTE)
    const error = refusal(code)
    signIn.outcome(undefined, error)
    await settle()
    const state = await signIn.state()
    expect(state).toMatchObject({ credential: keyCredential(), lastError: { error, at: START + MINUTE } })
    expect(state.problem).toBeUndefined()
  })

  it("stays final after a temporary one", async () => {
    const { signIn } = setUp(keyCredential())
    signIn.outcome(undefined, refusal("api_key_rejected"))
    signIn.outcome(undefined, refusal("rate_limited"))
    await settle()
    const { problem, lastError } = await signIn.state()
    expect([problem?.code, lastError?.error.code]).toEqual(["api_key_rejected", "rate_limited"])
  })

  it("stays final when the account's token is refreshed, because the sign-in is the same", async () => {
    const { signIn, platform } = setUp(credential(), { replies: [renewal(2)] })
    signIn.outcome(undefined, refusal("free_tier_ended"))
    await settle()
    platform.pass(6 * HOUR)
    await signIn.getCredential()
    expect((await signIn.state()).problem?.code).toBe("free_tier_ended")
  })

  it("does not concern a sign-in that replaced the refused one meanwhile", async () => {
    const { signIn, secrets } = setUp(keyCredential())
    const reading = gate()
    secrets.before = (call) => (call === "get" ? reading.promise : undefined)
    signIn.outcome(undefined, refusal("api_key_rejected"))
    const stored = signIn.setCredential(otherKey)
    await settle()
    reading.open()
    await stored
    await settle()
    expect((await signIn.state()).problem).toBeUndefined()
  })

  it("has no effect when no user is signed in", async () => {
    const { signIn } = setUp()
    signIn.outcome(undefined, refusal("token_refresh_failed"))
    await settle()
    expect((await signIn.state()).problem).toBeUndefined()
  })

  it("is not the same as a storage that could not be read for a moment", async () => {
    const { signIn, secrets } = setUp(keyCredential())
    secrets.before = failing("get")
    const error = await failureOf(signIn.getCredential())
    secrets.before = () => {}
    signIn.outcome(undefined, error)
    await settle()
    expect((await signIn.state()).problem).toBeUndefined()
  })
})

describe("the state of the sign-in", () => {
  it("is that of the storage, also when the storage is unusable or cannot be read", async () => {
    expect(await setUp().signIn.state()).toEqual({})
    expect((await setUp("junk").signIn.state()).problem?.message).toBe("The stored sign-in is not complete.")
    const { signIn, secrets } = setUp(credential())
    secrets.before = failing("get")
    expect((await signIn.state()).problem?.message).toBe("Alma's secret storage could not be read.")
  })
})

describe("a keychain that waits for the user", () => {
  /** Each change of the storage waits for the user. The clock runs by itself, so each wait times out. */
  function waitingForTheUser(stored?: Credential, options: Parameters<typeof setUpParts>[0] = {}) {
    const all = setUp(stored, { autoAdvance: true, ...options })
    const user = gate()
    all.secrets.before = (call) => (call === "get" ? undefined : user.promise)
    return { ...all, user }
  }

  it.each([
    ["a key", keyCredential()],
    ["an account", credential()],
  ])("lets %s be used while it is being stored", async (_, added) => {
    const { signIn, secrets, user } = waitingForTheUser()
    expect((await failureOf(signIn.setCredential(added))).message).toMatch(/^You are signed in, but /)
    expect(await signIn.getCredential()).toEqual(added)
    expect(await signIn.state()).toEqual({ credential: added })
    user.open()
    await settle()
    expect(secrets.stored()).toBe(formatStoredCredential(added))
  })

  it.each([
    ["a key", keyCredential()],
    ["an account", credential()],
  ])("does not bring %s back after a sign-out", async (_, added) => {
    const { signIn, secrets, platform, user } = waitingForTheUser()
    await failureOf(signIn.setCredential(added))
    const failure = await failureOf(signIn.clear())
    expect([failure.code, failure.message]).toEqual([
      "credential_not_stored",
      "You are signed out, but Alma's secret storage did not answer: the sign-in may still be stored.",
    ])
    expect((await signIn.state()).problem?.message).toBe(failure.message)
    expect((await failureOf(signIn.getCredential())).message).toBe(failure.message)
    user.open()
    await settle()
    expect(secrets.values.size).toBe(0)
    platform.pass(HOUR)
    expect((await failureOf(signIn.getCredential())).code).toBe("authentication_required")
    await settle()
    expect(secrets.values.size).toBe(0)
    expect(await signIn.state()).toEqual({})
  })

  it("does not bring a refreshed account back after a sign-out", async () => {
    const { signIn, secrets, platform, user } = waitingForTheUser(expiring(MINUTE), { replies: [renewal(2)] })
    expect(await signIn.getCredential()).toMatchObject({ accessToken: "access-2" })
    await failureOf(signIn.clear())
    user.open()
    await settle()
    platform.pass(HOUR)
    expect((await failureOf(signIn.getCredential())).code).toBe("authentication_required")
    await settle()
    expect(secrets.values.size).toBe(0)
  })

  it("does not bring an account back over a key that was added later", async () => {
    const { signIn, secrets, platform, user } = waitingForTheUser()
    await failureOf(signIn.setCredential(credential()))
    await failureOf(signIn.setCredential(keyCredential()))
    platform.pass(HOUR)
    expect(await signIn.getCredential()).toEqual(keyCredential())
    user.open()
    await settle()
    expect(secrets.stored()).toBe(formatStoredCredential(keyCredential()))
    expect(await signIn.getCredential()).toEqual(keyCredential())
  })

  it("that never answers ends each sign-out after 15 s", async () => {
    const { signIn, secrets, platform } = waitingForTheUser(keyCredential())
    for (const waits of [1, 2, 3]) {
      await failureOf(signIn.clear())
      expect(platform.waits).toEqual(Array.from({ length: waits }, () => 15_000))
      expect(platform.openWaits()).toBe(0)
    }
    expect(secrets.calls.filter((call) => call === "delete")).toHaveLength(1)
  })

  it("lets a new sign-in follow a sign-out that was not confirmed", async () => {
    const { signIn, secrets, user } = waitingForTheUser(credential())
    await failureOf(signIn.clear())
    const stored = signIn.setCredential(otherAccount)
    user.open()
    await stored
    expect(secrets.stored()).toBe(formatStoredCredential(otherAccount))
    expect(await signIn.state()).toEqual({ credential: otherAccount })
    expect(await signIn.getCredential()).toEqual(otherAccount)
  })
})
