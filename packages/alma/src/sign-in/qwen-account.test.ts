import { failureOf } from "qwen-auth-testing/failure-of"
import { type FakePlatformOptions, fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { firewallPage, json, networkError, silence } from "qwen-auth-testing/replies"
import { SERVER, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { type TestAlmaOptions, testAlma } from "../testing/test-alma.ts"
import { signInWithAccount } from "./qwen-account.ts"

const started = json(STARTED)
const pending = json({ error: "authorization_pending" }, 400)
const URL_WITH_CODE = STARTED.verification_uri_complete

function setUp(options: TestAlmaOptions & FakePlatformOptions = {}) {
  const alma = testAlma(options)
  const platform = fakePlatform(options)
  const outer = new AbortController()
  const { ui, openInBrowser } = alma
  const begin = () => signInWithAccount({ platform, ui, openInBrowser }, SERVER, false, outer.signal)
  const quiet = () => [platform.beating(), platform.openWaits(), alma.leaks()]
  return { alma, platform, outer, begin, quiet }
}

describe("the sign-in with a Qwen account", () => {
  it("opens the page with the code, shows the code, and returns the credential", async () => {
    const { begin, alma, quiet } = setUp({ replies: [started, pending, json(TOKENS)] })
    expect(await begin()).toEqual({
      type: "oauth",
      accessToken: "access-2",
      refreshToken: "refresh-2",
      resourceUrl: "portal.qwen.ai",
      expiresAt: START + 10_000 + 21_600_000,
      expiresInS: 21_600,
    })
    await settle()
    expect(alma.opened()).toEqual([URL_WITH_CODE])
    expect(alma.confirms()).toHaveLength(1)
    expect(alma.confirms()[0]?.text).toMatch(/^Approve in the browser .*ABCD-1234/)
    expect(alma.progress()).toMatchObject([{ title: "Signing in to Qwen", cancellable: true, state: "done" }])
    expect(alma.progress()[0]?.messages[0]).toBe(`Code ABCD-1234 · 15:00 left · ${URL_WITH_CODE}`)
    expect(quiet()).toEqual([0, 0, []])
  })

  it("asks the user to open the URL when nothing opened it", async () => {
    const { begin, alma } = setUp({ behaviour: { browser: "none" }, replies: [started, json(TOKENS)] })
    expect(await begin()).toMatchObject({ accessToken: "access-2" })
    expect(alma.confirms()[0]?.text.split("\n")[0]).toBe(
      `Open ${URL_WITH_CODE} and check that it shows this code: ABCD-1234`,
    )
  })

  it("counts down to the expiry of the code", async () => {
    const { begin, alma, platform, outer } = setUp({ autoAdvance: false, replies: [started], rest: pending })
    const failure = failureOf(begin())
    await settle()
    for (const ms of [250, 750, 3_000]) {
      platform.pass(ms)
      await platform.beat()
    }
    expect(alma.progress()[0]?.messages.map((message) => message.split(" · ")[1])).toEqual([
      "15:00 left",
      "14:59 left",
      "14:56 left",
    ])
    outer.abort()
    await failure
  })

  it("ends when the user cancels the progress, and stops polling", async () => {
    const { begin, alma, platform, quiet } = setUp({ autoAdvance: false, replies: [started], rest: pending })
    const failure = failureOf(begin())
    await settle()
    alma.cancel()
    await platform.beat()
    expect((await failure).code).toBe("aborted")
    expect(quiet()).toEqual([0, 0, []])
    platform.pass(60_000)
    await settle()
    expect(platform.requests).toHaveLength(1)
  })

  it.each([
    ["starting", [silence]],
    ["polling", [started, silence]],
  ])("ends when the outer signal aborts while it is %s", async (_, replies) => {
    const { begin, outer, platform, quiet } = setUp({ autoAdvance: false, replies })
    const failure = failureOf(begin())
    await settle()
    platform.pass(5_000)
    await settle()
    outer.abort()
    expect((await failure).code).toBe("aborted")
    expect(quiet()).toEqual([0, 0, []])
  })

  it.each([
    ["the user denies", [started, json({ error: "access_denied" }, 400)], "authorization_denied"],
    ["the server says that the code expired", [started, json({ error: "expired_token" }, 400)], "device_code_expired"],
    ["nobody approves in time", [started, ...Array.from({ length: 180 }, () => pending)], "device_code_expired"],
    ["the server refuses to start", [json({ error: "invalid_client" }, 401)], "device_authorization_failed"],
    ["a web firewall answers", [firewallPage(200)], "web_firewall"],
    ["there is no network", [networkError(), networkError(), networkError()], "service_unreachable"],
  ])("ends when %s", async (_, replies, code) => {
    const { begin, quiet } = setUp({ replies })
    expect((await failureOf(begin())).code).toBe(code)
    expect(quiet()).toEqual([0, 0, []])
  })

  it("opens and asks nothing when it cannot start", async () => {
    const { begin, alma } = setUp({ replies: [networkError(), networkError(), networkError()] })
    await failureOf(begin())
    expect([alma.opened(), alma.notices(), alma.confirms()]).toEqual([[], [], []])
  })

  it("goes on after network errors", async () => {
    const { begin } = setUp({ replies: [started, networkError(), json({}, 503), json(TOKENS)] })
    expect(await begin()).toMatchObject({ accessToken: "access-2" })
  })

  it("shows no token and no device code", async () => {
    const { begin, alma, platform } = setUp({ replies: [started, json(TOKENS)] })
    await begin()
    expect(JSON.stringify([alma.texts, platform.logged])).not.toMatch(/access-2|refresh-2|device-1/)
  })
})
