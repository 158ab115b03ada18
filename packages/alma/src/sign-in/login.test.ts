import { formatStoredCredential, PAY_AS_YOU_GO } from "qwen-auth-core/internal"
import { gate, settle } from "qwen-auth-testing/gate"
import { accepting, endpointOf } from "qwen-auth-testing/key-endpoints"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { after, json, networkError, silence } from "qwen-auth-testing/replies"
import { credential, keyCredential, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { fromHost } from "../testing/from-host.ts"
import { setUp } from "../testing/set-up.ts"

const ACCOUNT = "Qwen account (OAuth)"
const BROWSER = "Model Studio account (browser)"
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
    expect(alma.picks()).toMatchObject([
      { title: "Sign in to Qwen", items: [{ label: ACCOUNT }, { label: BROWSER }, { label: KEY_CHOICE }] },
    ])
    expect(alma.notices().at(-1)).toMatchObject({ text: "Signed in to Qwen.", type: "success" })
    expect(secrets.stored()).toContain("refresh-2")
    expect(alma.errors()).toEqual([])
  })

  it("stores the key and names its endpoint", async () => {
    const { login, alma, secrets } = setUp({ picks: [KEY_CHOICE, CODING], inputs: [KEY], rest: accepting() })
    expect(await login.start()).toEqual({ success: true })
    expect(alma.notices()).toMatchObject([{ text: "Signed in to Qwen: Coding Plan (international).", type: "success" }])
    expect(secrets.stored()).toBe(formatStoredCredential(keyCredential()))
  })

  it("says that the key could not be checked", async () => {
    const { login, alma } = setUp({ picks: [KEY_CHOICE, CODING], inputs: [KEY], rest: networkError() })
    expect(await login.start()).toEqual({ success: true })
    expect(alma.notices()[0]?.text).toBe(
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
    expect([alma.notices(), alma.errors(), alma.progress()]).toEqual([[], [], []])
    expect(secrets.stored()).toBe(formatStoredCredential(credential()))
  })

  it("is cancelled when Alma returns null for a closed dialog", async () => {
    const { login, alma } = setUp({ ui: { showQuickPick: async () => fromHost("null") } })
    expect(await login.start()).toEqual(CANCELLED)
    expect(alma.shown).toEqual([])
  })

  it("is cancelled by the user in the progress dialog, without a message", async () => {
    const { login, alma, platform } = setUp({ picks: [ACCOUNT], autoAdvance: false, replies: [started], rest: pending })
    const ended = login.start()
    await settle()
    alma.cancel()
    await platform.beat()
    expect(await ended).toEqual(CANCELLED)
    expect(alma.errors()).toEqual([])
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
    expect(alma.errors()).toEqual([sentence])
    expect(secrets.stored()).toBe(formatStoredCredential(keyCredential()))
    expect([platform.beating(), platform.openWaits()]).toEqual([0, 0])
  })

  it("fails with one message, without the key, when no endpoint accepts it", async () => {
    const { login, alma, platform } = setUp({ picks: [KEY_CHOICE, CODING], inputs: [KEY], rest: rejected })
    const { success, error } = await login.start()
    expect([success, alma.errors()]).toEqual([false, [error]])
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
      expect([success, alma.errors()]).toEqual([false, [error]])
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
  ])("stores the account although its check ends with %s", async (_, reply) => {
    const { login, secrets, platform } = setUp({ picks: [ACCOUNT], replies: [started, json(TOKENS), reply] })
    expect(await login.start()).toEqual({ success: true })
    expect(secrets.stored()).toContain("refresh-2")
    expect([platform.requests.length, platform.openWaits(), platform.beating()]).toEqual([3, 0, 0])
  })

  it("sends no request to check an account when the check is switched off", async () => {
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
    expect(alma.errors()).toEqual([
      "The sign-in could not be stored in Alma's secret storage. Unlock the system's keychain and try again.",
    ])
    expect(alma.notices().map(({ type }) => type)).not.toContain("success")
  })

  it("refers to the log for an unexpected error and does not show its text", async () => {
    const showQuickPick = () => Promise.reject(new Error("something with sk-sp-very-secret"))
    const { login, alma, platform } = setUp({ ui: { showQuickPick } })
    expect(await login.start()).toEqual({ success: false, error: FAILED })
    expect(alma.errors()).toEqual([FAILED])
    expect(platform.logged).toMatchObject([{ level: "error", message: "The sign-in failed." }])
  })

  it("never throws, even when Alma cannot show the error", async () => {
    const showQuickPick = () => Promise.reject(new Error("the window is gone"))
    const { login } = setUp({ ui: { showQuickPick }, behaviour: { notifications: "throw" } })
    const outcome: unknown = await login.start().catch((error: unknown) => error)
    expect(outcome).toEqual({ success: false, error: FAILED })
  })
})

describe("a sign-in that is already on this computer", () => {
  it("is offered first; an account is used in place", async () => {
    const { login, alma, secrets, signIn } = setUp({
      picks: ["Account of qwen-code"],
      inPlace: { "qwen-code": memoryStore(credential()) },
    })
    expect(await login.start()).toEqual({ success: true })
    expect(alma.picks()[0]?.items[0]?.label).toBe("Account of qwen-code")
    expect(secrets.stored()).toBe('{"in_place":"qwen-code"}')
    expect((await signIn.state()).credential).toEqual(credential())
    expect(alma.notices().at(-1)?.text).toBe("Signed in to Qwen with the sign-in that is already on this computer.")
  })

  it("is used in place too if it is a key in this project's own file", async () => {
    const { login, secrets, platform } = setUp({
      picks: ["Key of own-key"],
      foundKeys: { "own-key": { apiKey: KEY } },
      inPlace: { own: memoryStore(keyCredential()) },
    })
    expect(await login.start()).toEqual({ success: true })
    expect([secrets.stored(), platform.requests]).toEqual(['{"in_place":"own"}', []])
  })

  it("is copied if it is another program's key, which is checked where that program uses it", async () => {
    const { login, secrets, platform } = setUp({
      picks: ["Key of bailian"],
      foundKeys: { bailian: { apiKey: "sk-key-of-the-test", endpoint: endpointOf(PAY_AS_YOU_GO) } },
      rest: accepting(),
    })
    expect(await login.start()).toEqual({ success: true })
    expect(secrets.stored()).toContain("sk-key-of-the-test")
    expect(platform.requests.map(({ url }) => url)).toEqual([`${endpointOf(PAY_AS_YOU_GO).baseUrl}/models`])
  })

  it("is not used when it has gone meanwhile", async () => {
    const { login, alma } = setUp({ picks: ["Key of bailian"], foundKeys: { bailian: undefined } })
    expect(await login.start()).toMatchObject({ success: false })
    expect(alma.errors()).toEqual(["The sign-in is no longer on this computer. Choose another way to sign in."])
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
    expect(alma.progress()[0]?.state).toBe("open")
    const second = login.start()
    expect(await first).toEqual(CANCELLED)
    expect(await second).toEqual({ success: true })
    expect(secrets.stored()).toBe(formatStoredCredential(keyCredential()))
    expect(alma.errors()).toEqual([])
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
    expect([platform.requests, alma.progress()]).toEqual([[], []])
  })

  it("ends one whose input box for the key is still open: no further dialog opens", async () => {
    const open = gate<string | undefined>()
    const { login, alma } = setUp({ picks: [KEY_CHOICE, undefined, undefined], inputs: [open.promise] })
    const first = login.start()
    await settle()
    expect(await login.start()).toEqual(CANCELLED)
    open.open(KEY)
    expect(await first).toEqual(CANCELLED)
    expect(alma.picks()).toHaveLength(2)
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
    expect(alma.errors()).toEqual([])
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
