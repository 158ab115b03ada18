import { formatStoredCredential } from "qwen-auth-core/internal"
import { gate, settle } from "qwen-auth-testing/gate"
import { accepting } from "qwen-auth-testing/key-endpoints"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { after, json, networkError, silence } from "qwen-auth-testing/replies"
import { credential, keyCredential, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { fromHost } from "../testing/from-host.ts"
import { setUp } from "../testing/set-up.ts"

const ACCOUNT = "Qwen account (OAuth)"
const KEY_CHOICE = "Model Studio API key"
const CODING = "Coding Plan (international)"
const KEY = "sk-sp-key-of-the-test"
const started = json(STARTED)
const pending = json({ error: "authorization_pending" }, 400)
const CANCELLED = { success: false, error: "The sign-in was cancelled." }
const FAILED = "The sign-in failed. See the log for details. To log more, turn on Debug log in the plugin's settings."

describe("a sign-in", () => {
  it("asks for the method, stores the account and confirms it", async () => {
    const { login, alma, secrets } = setUp({ picks: [ACCOUNT], replies: [started, json(TOKENS)] })
    expect(await login.start()).toEqual({ success: true })
    expect(alma.asked).toMatchObject([
      { title: "Sign in to Qwen", choices: [{ label: ACCOUNT }, { label: KEY_CHOICE }] },
    ])
    expect(alma.notices.at(-1)).toMatchObject({ message: "Signed in to Qwen.", type: "success" })
    expect(secrets.stored()).toContain("refresh-2")
    expect(alma.errors).toEqual([])
  })

  it("stores the key and names its endpoint", async () => {
    const { login, alma, secrets } = setUp({ picks: [KEY_CHOICE, CODING], inputs: [KEY], rest: accepting() })
    expect(await login.start()).toEqual({ success: true })
    expect(alma.notices).toMatchObject([
      { message: "Signed in to Qwen: Coding Plan (international).", type: "success" },
    ])
    expect(secrets.stored()).toBe(formatStoredCredential(keyCredential()))
  })

  it("says that the key could not be checked", async () => {
    const { login, alma } = setUp({ picks: [KEY_CHOICE, CODING], inputs: [KEY], rest: networkError() })
    expect(await login.start()).toEqual({ success: true })
    expect(alma.notices[0]?.message).toBe(
      "Signed in to Qwen: Coding Plan (international). The key could not be checked.",
    )
  })

  it.each([
    ["the method", [undefined], []],
    ["the key", [KEY_CHOICE], [undefined]],
    ["the endpoint", [KEY_CHOICE, undefined], [KEY]],
  ])("is cancelled when the dialog for %s is closed, without a message", async (_, picks, inputs) => {
    const { login, alma, secrets } = setUp({ picks, inputs, stored: credential() })
    expect(await login.start()).toEqual(CANCELLED)
    expect(alma.shown()).toEqual([])
    expect(secrets.stored()).toBe(formatStoredCredential(credential()))
  })

  it("is cancelled when Alma returns null for a closed dialog", async () => {
    const { login, alma } = setUp()
    alma.ui.showQuickPick = async () => fromHost("null")
    expect(await login.start()).toEqual(CANCELLED)
    expect([alma.boxes, alma.shown()]).toEqual([[], []])
  })

  it("is cancelled by the user in the progress dialog, without a message", async () => {
    const { login, alma, platform } = setUp({ picks: [ACCOUNT], autoAdvance: false, replies: [started], rest: pending })
    const ended = login.start()
    await settle()
    alma.cancel()
    await platform.beat()
    expect(await ended).toEqual(CANCELLED)
    expect(alma.errors).toEqual([])
    expect([platform.beating(), platform.openWaits()]).toEqual([0, 0])
  })

  it.each([
    [
      "denied",
      [started, json({ error: "access_denied" }, 400)],
      "Authorization denied in the browser. Start the sign-in again and approve it with the account you want to use.",
    ],
    [
      "expired",
      [started, json({ error: "expired_token" }, 400)],
      "Device code expired. Start the sign-in again and approve it in the browser.",
    ],
    [
      "without network",
      [networkError("connect ENETUNREACH"), networkError("connect ENETUNREACH"), networkError("connect ENETUNREACH")],
      "chat.qwen.ai could not be reached (connect ENETUNREACH). Check the network connection and proxy, then try again.",
    ],
  ])("fails with one message when it is %s, and keeps the stored sign-in", async (_, replies, sentence) => {
    const { login, alma, secrets, platform } = setUp({ picks: [ACCOUNT], replies, stored: keyCredential() })
    expect(await login.start()).toEqual({ success: false, error: sentence })
    expect(alma.errors).toEqual([sentence])
    expect(secrets.stored()).toBe(formatStoredCredential(keyCredential()))
    expect([platform.beating(), platform.openWaits()]).toEqual([0, 0])
  })

  it("fails with one message, without the key, when no endpoint accepts it", async () => {
    const { login, alma, platform } = setUp({ picks: [KEY_CHOICE, CODING], inputs: [KEY], rest: rejected })
    const { success, error } = await login.start()
    expect([success, alma.errors]).toEqual([false, [error]])
    expect(error).toMatch(
      /^Qwen Cloud \(Model Studio\) does not accept this API key for .* Run: Login to Qwen \(Alibaba\)$/,
    )
    expect(JSON.stringify([error, platform.logged.map(({ message }) => message)])).not.toContain("key-of-the-test")
  })

  it.each([
    ["401", rejected],
    ["429", apiError(429, "insufficient_quota", "You exceeded your current quota.")],
  ])(
    "fails with the way on when the account has no quota any more (%s), and keeps the stored one",
    async (_, reply) => {
      const replies = [started, json(TOKENS), reply]
      const { login, alma, secrets } = setUp({ picks: [ACCOUNT], replies, stored: keyCredential() })
      const { success, error } = await login.start()
      expect([success, alma.errors]).toEqual([false, [error]])
      expect(error).toMatch(
        /Alibaba ended the free Qwen OAuth tier on 2026-04-15\. Run: Login to Qwen .* Model Studio API key/,
      )
      expect(secrets.stored()).toBe(formatStoredCredential(keyCredential()))
    },
  )

  it.each([
    ["500", apiError(500, "internal_error", "no")],
    ["429 of another kind", apiError(429, "rate_limit", "slow down")],
    ["no network", networkError()],
    ["no answer in time", silence],
  ])("is good although its check ends with %s", async (_, reply) => {
    const { login, secrets, platform } = setUp({ picks: [ACCOUNT], replies: [started, json(TOKENS), reply] })
    expect(await login.start()).toEqual({ success: true })
    expect(secrets.stored()).toContain("refresh-2")
    expect([platform.requests.length, platform.openWaits(), platform.beating()]).toEqual([3, 0, 0])
  })

  it("sends no request to check an account when the user switched that off", async () => {
    const settings = { "qwenAuth.verifySignIn": false }
    const { login, platform } = setUp({ picks: [ACCOUNT], settings, replies: [started, json(TOKENS)] })
    expect(await login.start()).toEqual({ success: true })
    expect(platform.requests).toHaveLength(2)
  })

  it("shows an error when the sign-in cannot be stored", async () => {
    const { login, alma, secrets } = setUp({ picks: [ACCOUNT], replies: [started, json(TOKENS)] })
    secrets.before = (call) => {
      if (call === "set") throw new Error("locked")
    }
    expect((await login.start()).success).toBe(false)
    expect(alma.errors).toEqual([
      "The sign-in could not be stored in Alma's secret storage. Unlock the system's keychain and try again.",
    ])
    expect(alma.notices.map(({ type }) => type)).not.toContain("success")
  })

  it("refers to the log for an unexpected error and does not show its text", async () => {
    const { login, alma, platform } = setUp()
    alma.ui.showQuickPick = () => Promise.reject(new Error("something with sk-sp-very-secret"))
    expect(await login.start()).toEqual({ success: false, error: FAILED })
    expect(alma.errors).toEqual([FAILED])
    expect(platform.logged).toMatchObject([{ level: "error", message: "The sign-in failed." }])
  })

  it("never throws, even when Alma cannot show the error", async () => {
    const { login, alma } = setUp()
    alma.ui.showQuickPick = () => Promise.reject(new Error("the window is gone"))
    alma.ui.showError = () => {
      throw new Error("the window is gone")
    }
    const outcome: unknown = await login.start().catch((error: unknown) => error)
    expect(outcome).toEqual({ success: false, error: FAILED })
  })
})

describe("a second sign-in", () => {
  it("ends the first, and its own credential is stored", async () => {
    const { login, alma, secrets, platform } = setUp({
      picks: [ACCOUNT, KEY_CHOICE, CODING],
      inputs: [KEY],
      autoAdvance: false,
      replies: [started],
      rest: accepting(),
    })
    const first = login.start()
    await settle()
    expect(alma.progress[0]?.open).toBe(true)
    const second = login.start()
    expect(await first).toEqual(CANCELLED)
    expect(await second).toEqual({ success: true })
    expect(secrets.stored()).toBe(formatStoredCredential(keyCredential()))
    expect(alma.errors).toEqual([])
    expect([platform.beating(), platform.openWaits()]).toEqual([0, 0])
  })

  it("ends one whose dialog is still open: choosing there has no effect", async () => {
    const open = gate<string | undefined>()
    const { login, alma, platform } = setUp({ picks: [open.promise, undefined] })
    const first = login.start()
    await settle()
    expect(await login.start()).toEqual(CANCELLED)
    open.open(ACCOUNT)
    expect(await first).toEqual(CANCELLED)
    expect([platform.requests, alma.progress]).toEqual([[], []])
  })

  it("ends one whose input box for the key is still open: no further dialog opens", async () => {
    const open = gate<string | undefined>()
    const { login, alma } = setUp({ picks: [KEY_CHOICE, undefined, undefined], inputs: [open.promise] })
    const first = login.start()
    await settle()
    expect(await login.start()).toEqual(CANCELLED)
    open.open(KEY)
    expect(await first).toEqual(CANCELLED)
    expect(alma.asked).toHaveLength(2)
  })

  it("ends one whose tokens arrive at that moment: it stores nothing and shows no error", async () => {
    const arriving = gate()
    const { login, alma, secrets } = setUp({
      picks: [ACCOUNT, undefined],
      replies: [started, after(arriving.promise, json(TOKENS))],
    })
    const first = login.start()
    for (let round = 0; round < 5; round++) await settle()
    const second = login.start()
    arriving.open()
    expect(await second).toEqual(CANCELLED)
    expect(await first).toEqual(CANCELLED)
    expect(secrets.stored()).toBeUndefined()
    expect(alma.errors).toEqual([])
  })

  it("can start after the first ended", async () => {
    const { login } = setUp({ picks: [undefined, ACCOUNT], replies: [started, json(TOKENS)] })
    expect(await login.start()).toEqual(CANCELLED)
    expect(await login.start()).toEqual({ success: true })
  })
})

describe("cancel", () => {
  it("ends the running sign-in", async () => {
    const { login, platform } = setUp({ picks: [ACCOUNT], autoAdvance: false, replies: [started] })
    const ended = login.start()
    await settle()
    login.cancel()
    expect(await ended).toEqual(CANCELLED)
    expect([platform.beating(), platform.openWaits()]).toEqual([0, 0])
  })

  it("does nothing when no sign-in is running", () => expect(() => setUp().login.cancel()).not.toThrow())
})
