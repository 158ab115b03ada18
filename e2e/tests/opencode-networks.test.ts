import { describe, expect } from "vitest"
import { askIn, askQuestion } from "../harness/opencode/asked-question.ts"
import { signedInAtPortal } from "../harness/opencode/behind-proxy.ts"
import { converse } from "../harness/opencode/conversation.ts"
import { runOpenCode, SIGN_IN } from "../harness/opencode/opencode.ts"
import { withOpenCodeServer } from "../harness/opencode/opencode-server.ts"
import { retryNotice } from "../harness/opencode/retry-notice.ts"
import { type ThrowawayHome, within } from "../harness/opencode/throwaway-home.ts"
import { it as withModelStudio } from "../harness/opencode/with-model-studio.ts"
import { it, moveExpiry, opencodeBinary, opencodeMissing, signedIn } from "../harness/opencode/with-opencode.ts"
import { DEAD_ORIGIN } from "../harness/shared/port.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

/** Ended by itself, with words alone. */
const HOPELESS = { outcome: "failed", stackTrace: false, secretsShown: [] }
const ANSWERED = { outcome: "answered", requests: 1, stackTrace: false, secretsShown: [] }

const QUESTION = { text: "What is 6 times 7?" }
const ANSWER = /\b42\b/

describe.skipIf(opencodeMissing)("the real OpenCode behind a company's proxy", () => {
  withModelStudio("signs in, asks and renews through it", async ({ simulator, opencode }) => {
    const begun = await opencode.begin("account")
    await simulator.press("approve", new URL(begun?.url ?? "").searchParams.get("user_code") ?? "")
    expect(await opencode.finish("account")).toBe(true)
    await opencode.reload()
    const first = await askIn(simulator, opencode, QUESTION)
    await moveExpiry(opencode.home, Date.now() - 1_000)
    await simulator.control("expire-tokens")
    await opencode.reload()
    const second = await askIn(simulator, opencode, QUESTION)

    expect(begun?.url).toMatch(/^https:\/\/chat\.qwen\.ai\/authorize\?user_code=/)
    for (const asked of [first, second]) {
      expect(asked.screen).toMatch(ANSWER)
      expect(asked).toMatchObject(ANSWERED)
    }
    expect(await simulator.refreshes()).toBe(1)
    const fromOpenCode = (await simulator.log()).filter(({ path }) => path !== "/authorize")
    expect(fromOpenCode.map(({ host, path }) => host + path)).toEqual([
      "chat.qwen.ai/api/v1/oauth2/device/code",
      "chat.qwen.ai/api/v1/oauth2/token",
      // The check of the sign-in, and the first question.
      "portal.qwen.ai/v1/chat/completions",
      "portal.qwen.ai/v1/chat/completions",
      "chat.qwen.ai/api/v1/oauth2/token",
      "portal.qwen.ai/v1/chat/completions",
    ])
    expect(fromOpenCode.every(({ proxied }) => proxied)).toBe(true)
  })

  withModelStudio("gives it the name and password of HTTPS_PROXY", async ({ simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await simulator.control("scenario", { proxy: { credentials: "user:password" } })
    const asked = await askQuestion(simulator, withProxy(simulator, home, "user:password"), QUESTION)

    expect(asked.screen).toMatch(ANSWER)
    expect(asked).toMatchObject(ANSWERED)
  })

  const PROXY_REFUSES = /proxy requires a user name and password\. Add them to HTTPS_PROXY/

  withModelStudio("names it when it refuses the password: at a question, at a renewal", async ({ simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await simulator.control("scenario", { proxy: { credentials: "user:password" } })
    const there = withProxy(simulator, home, "user:mistyped")
    await converse(there, async ({ ask, reload }) => {
      const expectNamed = async (refusals: number) => {
        const asked = await askIn(simulator, { home: there, ask })
        expect(asked.screen).toMatch(PROXY_REFUSES)
        expect(asked.screen).not.toContain("mistyped")
        expect(asked).toMatchObject({ ...HOPELESS, requests: 0 })
        expect(await connects(simulator)).toBe(refusals)
      }
      await expectNamed(1)
      await moveExpiry(home, Date.now() - 1_000)
      await reload()
      await expectNamed(2)
    })
  })

  withModelStudio("names it when it refuses the password: at the sign-in", async ({ simulator, home }) => {
    await simulator.control("scenario", { proxy: { credentials: "user:password" } })
    const result = await runOpenCode(opencodeBinary, withProxy(simulator, home, "user:mistyped"), SIGN_IN)

    expect(result.output).toMatch(PROXY_REFUSES)
    expect(result.output).not.toContain("mistyped")
    expect(result.output).not.toMatch(/^\s+at /m)
    expect(result.code).toBe(1)
    expect(await connects(simulator)).toBe(1)
  })

  withModelStudio("asks again when it is down for a moment", async ({ simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await simulator.control("scenario", { proxy: { down: true } })
    // An OpenCode of its own, to which no connection through the proxy is open yet.
    await converse(home, async ({ ask }) => {
      const question = askIn(simulator, { home, ask }, QUESTION)
      await expect.poll(() => connects(simulator)).toBeGreaterThan(0)
      await simulator.control("scenario", { proxy: { down: false } })
      const asked = await question

      expect(asked.screen).toMatch(ANSWER)
      expect(asked).toMatchObject(ANSWERED)
    })
  })

  withModelStudio("points at it when it is down at the sign-in", async ({ simulator, home }) => {
    await simulator.control("scenario", { proxy: { down: true } })
    const result = await runOpenCode(opencodeBinary, home, SIGN_IN)

    expect(result.output).toMatch(/did not answer as expected .*check for a proxy/)
    expect(result.output).not.toMatch(/^\s+at /m)
    expect(result.code).toBe(1)
    expect(await connects(simulator)).toBe(3)
  })

  withModelStudio("names host and proxy when nothing listens there", async ({ home }) => {
    const result = await runOpenCode(opencodeBinary, within(home, { HTTPS_PROXY: DEAD_ORIGIN }), SIGN_IN)

    expect(result.output).toMatch(/chat\.qwen\.ai could not be reached .*Check the network connection and proxy/)
    expect(result.output).not.toMatch(/^\s+at /m)
    expect(result.code).toBe(1)
  })

  withModelStudio("goes round it where NO_PROXY says so", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    // The proxy refuses every plain request, so an answer came the straight way.
    const env = { ...simulator.env, HTTP_PROXY: simulator.proxyEnv["HTTPS_PROXY"], NO_PROXY: "127.0.0.1" }
    const asked = await askQuestion(simulator, within(home, env), QUESTION)

    expect(asked.screen).toMatch(ANSWER)
    expect(asked).toMatchObject(ANSWERED)
    expect((await simulator.log()).filter(({ proxied }) => proxied)).toEqual([])
  })
})

describe.skipIf(opencodeMissing)("the real OpenCode where a certificate is not trusted", () => {
  const NOT_TRUSTED = /certificate of (\S+) is not trusted .*set NODE_EXTRA_CA_CERTS to its certificate file/
  const untrusting = (home: ThrowawayHome) => within(home, { NODE_EXTRA_CA_CERTS: undefined })

  withModelStudio("names NODE_EXTRA_CA_CERTS: at a question, at a renewal", async ({ simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await converse(untrusting(home), async ({ ask, reload }) => {
      const expectNamed = async (host: string) => {
        const asked = await askIn(simulator, { home, ask })
        expect(NOT_TRUSTED.exec(asked.screen)?.[1]).toBe(host)
        expect(asked).toMatchObject({ ...HOPELESS, requests: 0 })
      }
      await expectNamed("portal.qwen.ai")
      await moveExpiry(home, Date.now() - 1_000)
      await reload()
      await expectNamed("chat.qwen.ai")
    })
  })

  withModelStudio("names NODE_EXTRA_CA_CERTS: at the sign-in", async ({ home }) => {
    const result = await runOpenCode(opencodeBinary, untrusting(home), SIGN_IN)

    expect(NOT_TRUSTED.exec(result.output)?.[1]).toBe("chat.qwen.ai")
    expect(result.output).not.toMatch(/^\s+at /m)
    expect(result.code).toBe(1)
  })
})

describe.skipIf(opencodeMissing)("the real OpenCode in a network that wants a sign-in of its own", () => {
  const TO_PORTAL = { status: 302, headers: { location: "https://portal.hotel.example/login?from=qwen" } }
  const PORTAL_PAGE = { body: "<html><head><title>Hotel</title></head><body>Room number?</body></html>" }

  it.for([
    ["redirect", TO_PORTAL, /redirect to portal\.hotel\.example\..*captive portal/],
    ["page", PORTAL_PAGE, /web page, .*captive portal.*Check the network/],
  ] as const)(
    "names a captive portal at a question by its %s",
    async ([, answer, words], { simulator, signedInOpenCode }) => {
      await simulator.control("scenario", { answers: { chat: { standing: answer } } })
      const asked = await askIn(simulator, signedInOpenCode)

      expect(asked.screen).toMatch(words)
      expect(asked).toMatchObject({ ...HOPELESS, requests: 1 })
    },
  )

  it.for([
    ["redirect", TO_PORTAL],
    ["page", PORTAL_PAGE],
  ] as const)("names a captive portal at the sign-in by its %s", async ([, answer], { simulator, home }) => {
    await simulator.control("scenario", { answers: { deviceCode: { standing: answer } } })
    const result = await runOpenCode(opencodeBinary, home, SIGN_IN)

    expect(result.output).toContain("captive portal")
    expect(result.output).not.toMatch(/^\s+at /m)
    expect(result.code).toBe(1)
    expect(await simulator.log()).toHaveLength(1)
  })
})

describe.skipIf(opencodeMissing)("the real OpenCode without a network", () => {
  const without = (home: ThrowawayHome) =>
    within(home, { QWEN_OAUTH_BASE_URL: DEAD_ORIGIN, QWEN_API_BASE_URL: `${DEAD_ORIGIN}/v1` })

  it("names the host at a question, and asks again soon", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await withOpenCodeServer(opencodeBinary, without(home), async (server) => {
      const { message, next, seenAt } = await retryNotice(server)

      expect(message).toContain("127.0.0.1:9 could not be reached")
      expect(message).toContain("Check the network connection and proxy")
      expect(next - seenAt).toBeLessThan(5_000)
    })
  })

  it("names the host at the sign-in", async ({ home }) => {
    const result = await runOpenCode(opencodeBinary, without(home), SIGN_IN)

    expect(result.output).toContain("127.0.0.1:9 could not be reached")
    expect(result.output).toContain("Check the network connection and proxy")
    expect(result.output).not.toMatch(/^\s+at /m)
    expect(result.code).toBe(1)
  })
})

/** A home whose HTTPS_PROXY carries a name and a password. */
function withProxy(simulator: Simulator, home: ThrowawayHome, credentials: string): ThrowawayHome {
  return within(home, { HTTPS_PROXY: simulator.proxyEnv["HTTPS_PROXY"]?.replace("//", `//${credentials}@`) })
}

/** How often the proxy refused to connect. */
async function connects(simulator: Simulator): Promise<number> {
  return (await simulator.log()).filter(({ method }) => method === "CONNECT").length
}
