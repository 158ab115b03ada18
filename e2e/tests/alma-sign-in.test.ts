import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect } from "vitest"
import { type AlmaHost, allOutput } from "../../packages/alma/test-host/load-plugin.ts"
import { throughSimulator } from "../../packages/alma/test-host/network.ts"
import {
  ACCOUNT,
  ALMA_PROFILES,
  cancelSignIn,
  signInThroughConsole,
  signInWithAccount,
  signInWithKey,
  startSignIn,
} from "../harness/alma/alma.ts"
import { ask } from "../harness/alma/ask.ts"
import { leaveSignIn } from "../harness/alma/sign-in-file.ts"
import { DEAD_ORIGIN } from "../harness/shared/port.ts"
import { userCodeIn } from "../harness/shared/sign-in-address.ts"

/** The text that the user read last. */
function lastText(alma: AlmaHost): string | undefined {
  return alma.shown.flatMap((shown) => ("text" in shown ? [shown.text] : [])).at(-1)
}

const isSignedIn = (alma: AlmaHost) => alma.provider().isAuthenticated()

describe.each(ALMA_PROFILES)("Alma $name", ({ it }) => {
  describe("the plugin in Alma", () => {
    it("starts without a request and without touching a file", async ({ alma }) => {
      expect(alma.start).toEqual({ requests: [], touched: [] })
      expect(await isSignedIn(alma)).toBe(false)
      expect(await alma.provider().getAccounts()).toEqual([])
    })

    it("can be switched off and on again without leaks", async ({ start }) => {
      for (const _ of [1, 2, 3]) {
        const alma = await start()
        await alma.dispose()
        expect(await alma.leaks()).toEqual([])
      }
    })
  })

  describe("signing in with a Qwen account", () => {
    it("opens the page, shows the code and the time left, and signs in", async ({ alma, simulator }) => {
      expect(await signInWithAccount(alma, simulator)).toEqual({ success: true })

      const page = alma.shown.find((shown) => shown.kind === "opened")?.url ?? ""
      const code = userCodeIn(page)
      expect(page).toMatch(/^https:\/\/chat\.qwen\.ai\/authorize\?user_code=/)
      const progress = alma.shown.find((shown) => shown.kind === "progress")
      expect(progress).toMatchObject({ cancellable: true, state: "done" })
      expect(progress?.messages[0]).toMatch(new RegExp(`^Code ${code} · 1[45]:\\d\\d left · https://chat`))
      expect(lastText(alma)).toBe("Signed in to Qwen.")
      expect(await isSignedIn(alma)).toBe(true)
      expect(await alma.provider().getAccounts()).toMatchObject([{ label: "Qwen account" }])
    })

    it("says when the user denies", async ({ alma, simulator }) => {
      expect(await signInWithAccount(alma, simulator, "deny")).toMatchObject({ success: false })
      expect(lastText(alma)).toMatch(/^Authorization denied in the browser\. Start the sign-in again/)
      expect(await isSignedIn(alma)).toBe(false)
    })

    it("says when nobody approves in time", async ({ alma, simulator }) => {
      await simulator.control("scenario", { deviceCode: { expiresInS: 2 } })
      alma.user.picks(ACCOUNT)
      await alma.run("qwen-auth.login")
      expect(lastText(alma)).toMatch(/^Device code expired\. Start the sign-in again/)
    })

    it("ends without an error message when the user cancels", async ({ alma }) => {
      const { address, login } = await startSignIn(alma, ACCOUNT)
      await expect.poll(() => alma.visible()).toContain(userCodeIn(address))
      cancelSignIn(alma)
      expect(await login).toMatchObject({ success: false })
      expect(alma.shown.some(({ kind }) => kind === "error")).toBe(false)
    })

    it("names the host without a network", async ({ start }) => {
      const alma = await start(throughSimulator(DEAD_ORIGIN))
      alma.user.picks(ACCOUNT)
      await alma.run("qwen-auth.login")
      expect(lastText(alma)).toMatch(
        /^chat\.qwen\.ai could not be reached \(.+\)\. Check the network connection and proxy/,
      )
    })

    it.for(["ended-401", "ended-429", "ended-403"])(
      "says at once that the free tier has ended and what to do: %s",
      async (freeTier, { alma, simulator }) => {
        await simulator.control("scenario", { freeTier })
        expect(await signInWithAccount(alma, simulator)).toMatchObject({ success: false })
        expect(lastText(alma)).toMatch(/free Qwen OAuth tier on 2026-04-15.*choose Model Studio API key/)
        expect(await isSignedIn(alma)).toBe(false)
        expect(await simulator.chats()).toHaveLength(1)
      },
    )

    it.for<[string, object]>([
      ["an error of the service", { status: 500, body: { error: { code: "internal_error", message: "no" } } }],
      ["a rate limit", { named: "rate-limit-seconds" }],
      ["no answer in time", { pass: true, delayMs: 30_000 }],
    ])("succeeds although its check gets %s", async ([, answer], { alma, simulator }) => {
      await simulator.control("scenario", { answers: { chat: { queue: [answer] } } })
      expect(await signInWithAccount(alma, simulator)).toEqual({ success: true })
      expect(await isSignedIn(alma)).toBe(true)
    })

    it("shows the address when no program can open it", async ({ start, simulator }) => {
      const alma = await start({ behaviour: { browser: "none" } })
      await simulator.control("scenario", { deviceCode: { autoApprove: true } })
      alma.user.picks(ACCOUNT)
      await alma.run("qwen-auth.login")
      expect(allOutput(alma)).toMatch(/Open https:\/\/chat\.qwen\.ai\/authorize\S+ and check that it shows this code: /)
      expect(await isSignedIn(alma)).toBe(true)
    })

    it("ends an earlier attempt and succeeds", async ({ alma, simulator }) => {
      const { login: first } = await startSignIn(alma, ACCOUNT)
      expect(await signInWithAccount(alma, simulator)).toEqual({ success: true })
      expect(await first).toMatchObject({ success: false })
      expect(await isSignedIn(alma)).toBe(true)
    })

    it("is still there after a restart of Alma, without a request", async ({ alma, start, simulator }) => {
      await signInWithAccount(alma, simulator)
      await alma.dispose()
      const again = await start({ secrets: alma.secrets })
      expect(await isSignedIn(again)).toBe(true)
      expect(again.requests).toEqual([])
    })
  })

  describe("signing in with an API key", () => {
    for (const { plan, region, label } of [
      { plan: "coding", region: "international", label: "Coding Plan (international)" },
      { plan: "coding", region: "china", label: "Coding Plan (China)" },
      { plan: "token", region: "international", label: "Token Plan (international)" },
      { plan: "token", region: "china", label: "Token Plan (China)" },
      { plan: "payg", region: "international", label: "Pay as you go (international)" },
      { plan: "payg", region: "us", label: "Pay as you go (US)" },
    ] as const) {
      it(`of ${label}: its endpoint is detected and its models are listed`, async ({ alma, simulator }) => {
        const { key } = await simulator.apiKey(plan, { region })
        expect(await signInWithKey(alma, key)).toEqual({ success: true })
        // The Coding Plan does not recognise Alma: the region is known, because the other site refuses the key.
        const unchecked = plan === "coding" ? " The key could not be checked." : ""
        expect(lastText(alma)).toBe(`Signed in to Qwen: ${label}.${unchecked}`)
        expect(await alma.provider().getAccounts()).toMatchObject([{ label }])
        const ids = (await alma.provider().fetchModels()).map(({ id }) => id)
        expect(ids).toContain("qwen3.7-plus")
        expect(ids).not.toContain("text-embedding-v4")
      })
    }

    it("of another plan than the chosen one names the right plan", async ({ alma, simulator }) => {
      const { key } = await simulator.apiKey("token", { region: "china" })
      await signInWithKey(alma, key, "Coding Plan (international)")
      expect(lastText(alma)).toMatch(
        /^This API key belongs to Token Plan \(China\), not Coding Plan \(international\)\./,
      )
      expect(await isSignedIn(alma)).toBe(false)
    })

    it("that is not valid is requested again with the reason", async ({ alma }) => {
      alma.user.picks("Model Studio API key")
      alma.user.types("my key", undefined)
      await alma.run("qwen-auth.login")
      const inputs = alma.shown.filter((shown) => shown.kind === "input")
      expect(inputs).toMatchObject([
        { password: true, prompt: "Qwen Cloud (Model Studio) API key" },
        { password: true, prompt: expect.stringContaining("A key begins with sk-sp-") },
      ])
    })
  })

  describe("signing in through the Model Studio console", () => {
    for (const site of ["International", "China"] as const) {
      it(`${site}: the page hands over a key for its own host`, async ({ alma, simulator }) => {
        expect(await signInThroughConsole(alma, simulator, site)).toEqual({ success: true })
        const label = `Pay as you go (${site === "China" ? "China" : "international"})`
        expect(lastText(alma)).toBe(`Signed in to Qwen: ${label}.`)
        expect(await alma.provider().getAccounts()).toMatchObject([{ label }])
        const [question] = alma.shown.filter((shown) => shown.kind === "pick").slice(-1)
        expect(question?.placeholder).toContain("requests can cost money")
      })
    }

    it("can be cancelled and leaves no listener", async ({ alma }) => {
      const { address, login } = await startSignIn(alma, "Model Studio account (browser)", "International")
      await expect.poll(() => alma.visible()).toContain(address)
      cancelSignIn(alma)
      expect(await login).toMatchObject({ success: false })
      expect((await alma.leaks()).filter((leak) => !/^(command|provider) /.test(leak))).toEqual([])
    })
  })

  describe("a sign-in that is already on this computer", () => {
    it("of Qwen Code is used in place and stays after the sign-out", async ({ start, simulator, home }) => {
      const stored = join(home, ".qwen", "oauth_creds.json")
      await leaveSignIn(simulator, stored)
      const alma = await start()
      alma.user.picks("Qwen Code's sign-in (shared)")
      expect(await alma.run("qwen-auth.login")).toEqual({ success: true })
      expect([...alma.secrets.values.values()].join()).not.toContain("refresh_token")
      expect(await ask(alma, "What is 6 times 7?")).toContain("42")

      await simulator.control("expire-tokens")
      expect(await ask(alma, "What is 3 times 3?")).toContain("9")
      const refreshed = await readFile(stored, "utf8")
      expect(JSON.parse(refreshed)).toMatchObject({ refresh_token: expect.any(String) })
      expect(await simulator.refreshes()).toBe(1)

      const again = await start({ secrets: alma.secrets })
      expect(await ask(again, "What is 2 times 2?")).toContain("4")
      again.user.confirms(true)
      await again.run("qwen-auth.logout")
      expect(await isSignedIn(again)).toBe(false)
      expect(await readFile(stored, "utf8")).toBe(refreshed)
    })

    it("is not listed without one", async ({ alma }) => {
      alma.user.picks(undefined)
      await alma.run("qwen-auth.login")
      const labels = alma.shown.flatMap((shown) => (shown.kind === "pick" ? shown.items.map(({ label }) => label) : []))
      expect(labels).toEqual(["Qwen account (OAuth)", "Model Studio account (browser)", "Model Studio API key"])
    })
  })

  describe("status and signing out", () => {
    it("show the account and the expiry, and nothing after the sign-out", async ({ alma, simulator }) => {
      await alma.run("qwen-auth.status")
      expect(lastText(alma)).toBe("You are not signed in to Qwen. Run: Login to Qwen (Alibaba)")
      await signInWithAccount(alma, simulator)
      await alma.run("qwen-auth.status")
      expect(lastText(alma)).toMatch(
        /^Signed in with a Qwen account\.\nThe token is valid until .+ and is refreshed automatically\.$/,
      )

      alma.user.confirms(false)
      await alma.run("qwen-auth.logout")
      expect(await isSignedIn(alma)).toBe(true)
      alma.user.confirms(true)
      await alma.run("qwen-auth.logout")
      expect(lastText(alma)).toBe("Signed out of Qwen.")
      expect(await isSignedIn(alma)).toBe(false)
    })

    it("end a waiting sign-in", async ({ alma }) => {
      const { login: waiting } = await startSignIn(alma, ACCOUNT)
      alma.user.confirms(true)
      await alma.run("qwen-auth.logout")
      expect(await waiting).toMatchObject({ success: false })
      expect(await isSignedIn(alma)).toBe(false)
    })
  })
})
