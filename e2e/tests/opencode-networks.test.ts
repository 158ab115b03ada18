import { describe, expect } from "vitest"
import { ANSWERED, askIn, askQuestion, FAILED } from "../harness/opencode/ask-question.ts"
import { converse } from "../harness/opencode/conversation.ts"
import { failedSignIn } from "../harness/opencode/failed-sign-in.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { withOpenCodeServer } from "../harness/opencode/opencode-server.ts"
import { retryNotice } from "../harness/opencode/retry-notice.ts"
import { type ThrowawayHome, within } from "../harness/opencode/throwaway-home.ts"
import { signedInAtPortal, it as withModelStudio } from "../harness/opencode/with-model-studio.ts"
import { it, moveExpiry, signedIn } from "../harness/opencode/with-opencode.ts"
import { DEAD_ORIGIN } from "../harness/shared/port.ts"
import { userCodeIn } from "../harness/shared/sign-in-address.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

const QUESTION = { text: "What is 6 times 7?" }
const ANSWER = /\b42\b/

describe.skipIf(opencodeMissing)("the real OpenCode behind a company's proxy", () => {
  withModelStudio("signs in, asks and refreshes through it", async ({ simulator, opencode }) => {
    const begun = await opencode.begin("account")
    await simulator.press("approve", userCodeIn(begun?.url ?? ""))
    expect(await opencode.finish("account")).toBe(true)
    await opencode.reload()
    const first = await askIn(simulator, opencode, QUESTION)
    await moveExpiry(opencode.home, Date.now() - 1_000)
    await simulator.control("expire-tokens")
    await opencode.reload()
    const second = await askIn(simulator, opencode, QUESTION)

    expect(begun?.url).toMatch(/^https:\/\/chat\.qwen\.ai\/authorize\?user_code=/)
    for (const result of [first, second]) {
      expect(result.screen).toMatch(ANSWER)
      expect(result).toMatchObject({ ...ANSWERED, requests: 1 })
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

  withModelStudio("sends it the user name and password in HTTPS_PROXY", async ({ simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await simulator.control("scenario", { proxy: { credentials: "user:password" } })
    const result = await askQuestion(simulator, withProxy(simulator, home, "user:password"), QUESTION)

    expect(result.screen).toMatch(ANSWER)
    expect(result).toMatchObject({ ...ANSWERED, requests: 1 })
  })

  const PROXY_REFUSES = /proxy requires a user name and password\. Add them to HTTPS_PROXY/

  withModelStudio(
    "names it when it refuses the password at a question and at a refresh",
    async ({ simulator, home }) => {
      await signedInAtPortal(simulator, home)
      await simulator.control("scenario", { proxy: { credentials: "user:password" } })
      const there = withProxy(simulator, home, "user:mistyped")
      await converse(there, async ({ ask, reload }) => {
        const expectNamed = async (refusals: number) => {
          const result = await askIn(simulator, { home: there, ask })
          expect(result.screen).toMatch(PROXY_REFUSES)
          expect(result.screen).not.toContain("mistyped")
          expect(result).toMatchObject({ ...FAILED, requests: 0 })
          expect(await connects(simulator)).toBe(refusals)
        }
        await expectNamed(1)
        await moveExpiry(home, Date.now() - 1_000)
        await reload()
        await expectNamed(2)
      })
    },
  )

  withModelStudio("names it when it refuses the password at the sign-in", async ({ simulator, home }) => {
    await simulator.control("scenario", { proxy: { credentials: "user:password" } })
    const output = await failedSignIn(withProxy(simulator, home, "user:mistyped"))

    expect(output).toMatch(PROXY_REFUSES)
    expect(output).not.toContain("mistyped")
    expect(await connects(simulator)).toBe(1)
  })

  withModelStudio("retries when it is down for a moment", async ({ simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await simulator.control("scenario", { proxy: { down: true } })
    // A new OpenCode has no open connection through the proxy.
    await converse(home, async ({ ask }) => {
      const question = askIn(simulator, { home, ask }, QUESTION)
      await expect.poll(() => connects(simulator)).toBeGreaterThan(0)
      await simulator.control("scenario", { proxy: { down: false } })
      const result = await question

      expect(result.screen).toMatch(ANSWER)
      expect(result).toMatchObject({ ...ANSWERED, requests: 1 })
    })
  })

  withModelStudio("mentions it when it is down at the sign-in", async ({ simulator, home }) => {
    await simulator.control("scenario", { proxy: { down: true } })
    expect(await failedSignIn(home)).toMatch(/did not answer as expected .*check for a proxy/)
    expect(await connects(simulator)).toBe(3)
  })

  withModelStudio("names host and proxy when nothing listens there", async ({ home }) => {
    const output = await failedSignIn(within(home, { HTTPS_PROXY: DEAD_ORIGIN }))

    expect(output).toMatch(/chat\.qwen\.ai could not be reached .*Check the network connection and proxy/)
  })

  withModelStudio("does not use it for hosts in NO_PROXY", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    // The proxy refuses every plain request, so an answer did not come through it.
    const env = { ...simulator.env, HTTP_PROXY: simulator.proxyEnv["HTTPS_PROXY"], NO_PROXY: "127.0.0.1" }
    const result = await askQuestion(simulator, within(home, env), QUESTION)

    expect(result.screen).toMatch(ANSWER)
    expect(result).toMatchObject({ ...ANSWERED, requests: 1 })
    expect((await simulator.log()).filter(({ proxied }) => proxied)).toEqual([])
  })
})

describe.skipIf(opencodeMissing)("the real OpenCode where a certificate is not trusted", () => {
  const NOT_TRUSTED = /certificate of (\S+) is not trusted .*set NODE_EXTRA_CA_CERTS to its certificate file/
  const untrusting = (home: ThrowawayHome) => within(home, { NODE_EXTRA_CA_CERTS: undefined })

  withModelStudio("names NODE_EXTRA_CA_CERTS at a question and at a refresh", async ({ simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await converse(untrusting(home), async ({ ask, reload }) => {
      const expectNamed = async (host: string) => {
        const result = await askIn(simulator, { home, ask })
        expect(NOT_TRUSTED.exec(result.screen)?.[1]).toBe(host)
        expect(result).toMatchObject({ ...FAILED, requests: 0 })
      }
      await expectNamed("portal.qwen.ai")
      await moveExpiry(home, Date.now() - 1_000)
      await reload()
      await expectNamed("chat.qwen.ai")
    })
  })

  withModelStudio("names NODE_EXTRA_CA_CERTS at the sign-in", async ({ home }) => {
    expect(NOT_TRUSTED.exec(await failedSignIn(untrusting(home)))?.[1]).toBe("chat.qwen.ai")
  })
})

describe.skipIf(opencodeMissing)("the real OpenCode behind a captive portal", () => {
  const TO_PORTAL = { status: 302, headers: { location: "https://portal.hotel.example/login?from=qwen" } }
  const PORTAL_PAGE = { body: "<html><head><title>Hotel</title></head><body>Room number?</body></html>" }

  it.for([
    ["redirect", TO_PORTAL, /redirect to portal\.hotel\.example\..*captive portal/],
    ["page", PORTAL_PAGE, /web page, .*captive portal.*Check the network/],
  ] as const)(
    "names a captive portal at a question by its %s",
    async ([, answer, message], { simulator, signedInOpenCode }) => {
      await simulator.control("scenario", { answers: { chat: { standing: answer } } })
      const result = await askIn(simulator, signedInOpenCode)

      expect(result.screen).toMatch(message)
      expect(result).toMatchObject({ ...FAILED, requests: 1 })
    },
  )

  it.for([
    ["redirect", TO_PORTAL],
    ["page", PORTAL_PAGE],
  ] as const)("names a captive portal at the sign-in by its %s", async ([, answer], { simulator, home }) => {
    await simulator.control("scenario", { answers: { deviceCode: { standing: answer } } })

    expect(await failedSignIn(home)).toContain("captive portal")
    expect(await simulator.log()).toHaveLength(1)
  })
})

describe.skipIf(opencodeMissing)("the real OpenCode without a network", () => {
  const without = (home: ThrowawayHome) =>
    within(home, { QWEN_OAUTH_BASE_URL: DEAD_ORIGIN, QWEN_API_BASE_URL: `${DEAD_ORIGIN}/v1` })

  it("names the host at a question and retries soon", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await withOpenCodeServer(without(home), async (server) => {
      const { message, next, seenAt } = await retryNotice(server)

      expect(message).toContain("127.0.0.1:9 could not be reached")
      expect(message).toContain("Check the network connection and proxy")
      expect(next - seenAt).toBeLessThan(5_000)
    })
  })

  it("names the host at the sign-in", async ({ home }) => {
    const output = await failedSignIn(without(home))

    expect(output).toContain("127.0.0.1:9 could not be reached")
    expect(output).toContain("Check the network connection and proxy")
  })
})

/** A home whose HTTPS_PROXY carries a name and a password. */
function withProxy(simulator: Simulator, home: ThrowawayHome, credentials: string): ThrowawayHome {
  return within(home, { HTTPS_PROXY: simulator.proxyEnv["HTTPS_PROXY"]?.replace("//", `//${credentials}@`) })
}

/** The number of connections that the proxy refused. */
async function connects(simulator: Simulator): Promise<number> {
  return (await simulator.log()).filter(({ method }) => method === "CONNECT").length
}
