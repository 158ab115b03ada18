import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { type FakePlatformOptions, START } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { json, networkError, silence } from "qwen-auth-testing/replies"
import { credential, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { authorized } from "../testing/authorized.ts"
import { messageOf } from "../testing/message-of.ts"
import { leaveFile, leaveSignIn, qwenCodeFileIn, signInSetUp } from "../testing/sign-in-set-up.ts"
import { accountMethod } from "./methods.ts"

const temporaryFolder = temporaryFolders()

/** Matches the code that OpenCode's interface copies. */
const COPIED_CODE = /[A-Z0-9]{4}-[A-Z0-9]{4,5}/

const started = json(STARTED)
const answered = json({ choices: [] })
const pending = json({ error: "authorization_pending" }, 400)

interface SetUp extends FakePlatformOptions {
  readonly home?: string
  readonly options?: Readonly<Record<string, unknown>>
}

async function setUp({ home, ...options }: SetUp) {
  const plugin = signInSetUp(home ?? (await temporaryFolder()), options)
  const method = accountMethod(plugin.methods)
  return { ...plugin, method, authorize: () => authorized(method.authorize()) }
}

describe("the sign-in with a Qwen account", () => {
  it("has the label of the README and no prompts", async () => {
    const { method } = await setUp({})
    expect([method.type, method.label, method.prompts]).toEqual(["oauth", "Qwen Account (OAuth)", undefined])
  })

  it("opens the page that holds the code and shows the code so that OpenCode can copy it", async () => {
    const { authorize } = await setUp({ replies: [started] })
    const { url, instructions } = await authorize()
    expect(url).toBe("https://chat.qwen.ai/authorize?user_code=ABCD-1234&client=qwen-code")
    expect(COPIED_CODE.exec(instructions)?.[0]).toBe("ABCD-1234")
  })

  it("returns OpenCode's record and stores the sign-in", async () => {
    const { authorize, settings } = await setUp({ replies: [started, pending, json(TOKENS)] })
    const { callback } = await authorize()
    expect(await callback()).toEqual({
      type: "success",
      access: "access-2",
      refresh: "refresh-2",
      expires: START + 10_000 + 21_600_000,
      enterpriseUrl: "portal.qwen.ai",
    })
    expect(JSON.parse(await readFile(settings.tokenFile, "utf8"))).toMatchObject({ access_token: "access-2" })
  })

  it("replaces the stored sign-in", async () => {
    const { authorize, settings } = await setUp({ replies: [started, json(TOKENS)] })
    await leaveSignIn(settings.tokenFile, credential())
    await (await authorize()).callback()
    expect(await readFile(settings.tokenFile, "utf8")).not.toContain("access-1")
  })

  it("also replaces Qwen Code's if that is shared", async () => {
    const home = await temporaryFolder()
    const options = { credentials: "qwen-code" }
    const { authorize } = await setUp({ home, options, replies: [started, json(TOKENS)] })
    await (await authorize()).callback()
    expect(JSON.parse(await readFile(qwenCodeFileIn(home), "utf8"))).toMatchObject({ access_token: "access-2" })
  })

  it("polls, checks and stores once for two callbacks and returns the same result", async () => {
    const { authorize, platform } = await setUp({ replies: [started, json(TOKENS), answered] })
    const { callback } = await authorize()
    const [one, two] = await Promise.all([callback(), callback()])
    expect(await callback()).toEqual(one)
    expect(two).toEqual(one)
    expect(platform.requests).toHaveLength(3)
  })

  it("does not poll before the callback", async () => {
    const { authorize, platform } = await setUp({ replies: [started] })
    await authorize()
    await settle()
    expect(platform.requests).toHaveLength(1)
  })

  it("succeeds when the file cannot be written, because OpenCode's record has it", async () => {
    const home = await temporaryFolder()
    await leaveFile(join(home, ".opencode"), "a file where the folder should be")
    const { authorize, platform } = await setUp({ home, replies: [started, json(TOKENS)] })
    expect(await (await authorize()).callback()).toMatchObject({ type: "success", access: "access-2" })
    const warned = platform.logged.filter(({ level }) => level === "warn").map(({ message }) => message)
    expect(warned).toContain("The sign-in could not be stored in its file.")
    expect(JSON.stringify(platform.logged)).not.toMatch(/access-2|refresh-2/)
  })
})

describe("the request that checks a new sign-in", () => {
  it.each([
    ["401", rejected],
    ["429", apiError(429, "insufficient_quota", "You exceeded your current quota.")],
    ["403", apiError(403, undefined, "Free allocated quota exceeded.")],
  ])(
    "fails the sign-in of an account without a quota, names the alternative and keeps the earlier sign-in: %s",
    async (_, reply) => {
      const { authorize, settings, platform, shown } = await setUp({ replies: [started, json(TOKENS), reply] })
      await leaveSignIn(settings.tokenFile, credential())
      const { callback } = await authorize()
      const message = await messageOf(callback())
      expect(message).toMatch(
        /Alibaba ended the free Qwen OAuth tier on 2026-04-15\. Use Qwen Cloud \(Model Studio\) instead: opencode auth/,
      )
      expect(shown).toEqual([message])
      expect(await readFile(settings.tokenFile, "utf8")).toContain("access-1")
      expect(platform.requests).toHaveLength(3)
    },
  )

  it.each([
    ["500", apiError(500, "internal_error", "no")],
    ["429 of another kind", apiError(429, "rate_limit", "slow down")],
    ["no network", networkError()],
    ["no response in time", silence],
  ])("does not fail a good one: %s", async (_, reply) => {
    const { authorize, platform } = await setUp({ replies: [started, json(TOKENS), reply] })
    expect(await (await authorize()).callback()).toMatchObject({ type: "success", access: "access-2" })
    expect([platform.requests.length, platform.openWaits()]).toEqual([3, 0])
  })

  it("is not sent when it is disabled in the plugin's options or in auth-config.json", async () => {
    const inOptions = await setUp({ options: { verifySignIn: false }, replies: [started, json(TOKENS)] })
    const inFile = await setUp({ replies: [started, json(TOKENS)] })
    await leaveFile(inFile.settings.authConfigFile, '{"verifySignIn": false}')
    for (const { authorize, platform } of [inOptions, inFile]) {
      expect(await (await authorize()).callback()).toMatchObject({ type: "success" })
      expect(platform.requests).toHaveLength(2)
    }
  })

  it("is cancelled with the attempt", async () => {
    const { authorize, attempts, platform } = await setUp({ replies: [started, json(TOKENS), silence] })
    const running = messageOf((await authorize()).callback())
    while (platform.requests.length < 3) await settle()
    attempts.cancel()
    expect(await running).toBe("Cancelled.")
    expect(platform.openWaits()).toBe(0)
  })
})

describe("a failed sign-in throws the message for the user", () => {
  it.each([
    ["denied", json({ error: "access_denied" }, 400), /^Authorization denied .*Start the sign-in again/],
    ["expired", json({ error: "expired_token" }, 400), /^Device code expired\. Start the sign-in again/],
    ["refused", json({ error: "invalid_request" }, 400), /^Sign-in failed: .*invalid_request/],
  ])("%s", async (_, reply, message) => {
    const { authorize, services } = await setUp({ replies: [started, reply] })
    const { callback } = await authorize()
    expect(await messageOf(callback())).toMatch(message)
    expect(await services.signIn.store.read()).toEqual({})
  })

  it("the user did not approve in time", async () => {
    const { authorize } = await setUp({ replies: [started], rest: pending })
    expect(await messageOf((await authorize()).callback())).toMatch(/^Device code expired\./)
  })

  it("also for a second callback, without another request", async () => {
    const { authorize, platform } = await setUp({ replies: [started, json({ error: "access_denied" }, 400)] })
    const { callback } = await authorize()
    expect(await messageOf(callback())).toBe(await messageOf(callback()))
    expect(platform.requests).toHaveLength(2)
  })

  it.each([
    [
      "an invalid client",
      json({ error: "invalid_client" }, 401),
      /^The sign-in could not be started \(invalid_client\)/,
    ],
    ["no network", networkError(), /^chat\.qwen\.ai could not be reached .* Check the network/],
  ])("already at the start: %s", async (_, reply, message) => {
    const { authorize } = await setUp({ rest: reply })
    expect(await messageOf(authorize())).toMatch(message)
  })

  it("keeps the cause for the log", async () => {
    const { authorize } = await setUp({ replies: [started, json({ error: "access_denied" }, 400)] })
    const { callback } = await authorize()
    await expect(callback()).rejects.toHaveProperty("cause.code", "authorization_denied")
  })
})

describe("one sign-in at a time", () => {
  it("a second attempt cancels the first", async () => {
    const { authorize, platform } = await setUp({ replies: [started, started], autoAdvance: false })
    const first = messageOf((await authorize()).callback())
    await settle()
    await authorize()
    expect(await first).toBe("Cancelled.")
    expect(platform.openWaits()).toBe(0)
  })

  it("the first attempt does not cancel the second", async () => {
    const { authorize } = await setUp({ replies: [started, started, json(TOKENS)] })
    await authorize()
    expect(await (await authorize()).callback()).toMatchObject({ type: "success" })
  })

  it("OpenCode's end cancels the waiting attempt", async () => {
    const { authorize, attempts, platform } = await setUp({ replies: [started], autoAdvance: false })
    const running = messageOf((await authorize()).callback())
    await settle()
    attempts.cancel()
    expect(await running).toBe("Cancelled.")
    expect(platform.openWaits()).toBe(0)
  })
})
