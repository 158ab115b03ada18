import * as v from "valibot"
import { describe, expect } from "vitest"
import { askQuestion } from "../harness/opencode/asked-question.ts"
import { runOpenCode, SIGN_IN, signIn } from "../harness/opencode/opencode.ts"
import { retryNotice } from "../harness/opencode/retry-notice.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it as withModelStudio } from "../harness/opencode/with-model-studio.ts"
import { it, moveExpiry, opencodeBinary, opencodeMissing, signedIn } from "../harness/opencode/with-opencode.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

/** Ended at once, by itself, with words alone. */
const HOPELESS = { code: 1, stackTrace: false, secretsShown: [] }
const ANSWERED = { code: 0, requests: 1, stackTrace: false, secretsShown: [] }

const QUESTION = { text: "What is 6 times 7?" }
const ANSWER = /\b42\b/

describe.skipIf(opencodeMissing)("the real OpenCode behind a company's proxy", () => {
  withModelStudio("signs in, asks and renews through it", async ({ simulator, home }) => {
    const login = await signIn(opencodeBinary, home, (code) => simulator.press("approve", code))
    const first = await askQuestion(simulator, home, QUESTION)
    await moveExpiry(home, Date.now() - 1_000)
    await simulator.control("expire-tokens")
    const second = await askQuestion(simulator, home, QUESTION)

    expect(login.output).toContain("Go to: https://chat.qwen.ai/authorize?user_code=")
    expect(login.output).toContain("Login successful")
    for (const asked of [first, second]) {
      expect(asked.screen).toMatch(ANSWER)
      expect(asked).toMatchObject(ANSWERED)
    }
    expect(await simulator.refreshes()).toBe(1)
    const fromOpenCode = (await ways(simulator)).filter(({ path }) => path !== "/authorize")
    expect(fromOpenCode.map(({ host, path }) => host + path)).toEqual([
      "chat.qwen.ai/api/v1/oauth2/device/code",
      "chat.qwen.ai/api/v1/oauth2/token",
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

  const PROXY_REFUSES = /proxy wants a name and a password\. Put them into HTTPS_PROXY/

  withModelStudio("names it when it refuses the password: at a question", async ({ simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await simulator.control("scenario", { proxy: { credentials: "user:password" } })
    const asked = await askQuestion(simulator, withProxy(simulator, home, "user:mistyped"))

    expect(asked.screen).toMatch(PROXY_REFUSES)
    expect(asked.screen).not.toContain("mistyped")
    expect(asked).toMatchObject(HOPELESS)
    expect(await connects(simulator)).toBe(1)
  })

  withModelStudio("names it when it refuses the password: at a renewal", async ({ simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await moveExpiry(home, Date.now() - 1_000)
    await simulator.control("scenario", { proxy: { credentials: "user:password" } })
    const asked = await askQuestion(simulator, withProxy(simulator, home, "user:mistyped"))

    expect(asked.screen).toMatch(PROXY_REFUSES)
    expect(asked).toMatchObject(HOPELESS)
    expect(await connects(simulator)).toBe(1)
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
    const question = askQuestion(simulator, home, QUESTION)
    await expect.poll(() => connects(simulator), { timeout: 30_000, interval: 100 }).toBeGreaterThan(0)
    await simulator.control("scenario", { proxy: { down: false } })
    const asked = await question

    expect(asked.screen).toMatch(ANSWER)
    expect(asked).toMatchObject(ANSWERED)
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
    const result = await runOpenCode(opencodeBinary, within(home, { HTTPS_PROXY: "http://127.0.0.1:9" }), SIGN_IN)

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
    expect((await ways(simulator)).filter(({ proxied }) => proxied)).toEqual([])
  })
})

describe.skipIf(opencodeMissing)("the real OpenCode where a certificate is not trusted", () => {
  const NOT_TRUSTED = /certificate of (\S+) is not trusted here .*set NODE_EXTRA_CA_CERTS to its certificate file/
  const untrusting = (home: ThrowawayHome) => within(home, { NODE_EXTRA_CA_CERTS: undefined })

  withModelStudio("names NODE_EXTRA_CA_CERTS: at a question", async ({ simulator, home }) => {
    await signedInAtPortal(simulator, home)
    const asked = await askQuestion(simulator, untrusting(home))

    expect(NOT_TRUSTED.exec(asked.screen)?.[1]).toBe("portal.qwen.ai")
    expect(asked).toMatchObject({ ...HOPELESS, requests: 0 })
  })

  withModelStudio("names NODE_EXTRA_CA_CERTS: at a renewal", async ({ simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await moveExpiry(home, Date.now() - 1_000)
    const asked = await askQuestion(simulator, untrusting(home))

    expect(NOT_TRUSTED.exec(asked.screen)?.[1]).toBe("chat.qwen.ai")
    expect(asked).toMatchObject({ ...HOPELESS, requests: 0 })
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
  ] as const)("names a captive portal at a question by its %s", async ([, answer, words], { simulator, home }) => {
    await signedIn(simulator, home)
    await simulator.control("scenario", { answers: { chat: { standing: answer } } })
    const asked = await askQuestion(simulator, home)

    expect(asked.screen).toMatch(words)
    expect(asked).toMatchObject({ ...HOPELESS, requests: 1 })
  })

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
  it("names the host at a question, and asks again soon", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    simulator.stop()
    const notice = await retryNotice(home)

    expect(notice.message).toContain(`${new URL(simulator.origin).host} could not be reached`)
    expect(notice.message).toContain("Check the network connection and proxy")
    expect(notice.waitMs).toBeLessThan(5_000)
  })

  it("names the host at the sign-in", async ({ simulator, home }) => {
    simulator.stop()
    const result = await runOpenCode(opencodeBinary, home, SIGN_IN)

    expect(result.output).toContain(`${new URL(simulator.origin).host} could not be reached`)
    expect(result.output).toContain("Check the network connection and proxy")
    expect(result.output).not.toMatch(/^\s+at /m)
    expect(result.code).toBe(1)
  })
})

/** A home in another environment; undefined takes a variable away. */
function within(home: ThrowawayHome, env: Readonly<Record<string, string | undefined>>): ThrowawayHome {
  const entries = Object.entries({ ...home.env, ...env })
  return { ...home, env: Object.fromEntries(entries.flatMap(([name, value]) => (value ? [[name, value]] : []))) }
}

/** A home whose HTTPS_PROXY carries a name and a password. */
function withProxy(simulator: Simulator, home: ThrowawayHome, credentials: string): ThrowawayHome {
  return within(home, { HTTPS_PROXY: simulator.proxyEnv["HTTPS_PROXY"]?.replace("//", `//${credentials}@`) })
}

/** A sign-in whose token is for `portal.qwen.ai`, as Qwen's are. */
async function signedInAtPortal(simulator: Simulator, home: ThrowawayHome): Promise<void> {
  await simulator.control("scenario", { token: { resourceUrl: "portal.qwen.ai" } })
  await signedIn(simulator, home)
}

const Ways = v.array(
  v.object({ method: v.string(), host: v.string(), path: v.string(), proxied: v.optional(v.boolean(), false) }),
)

/** Every request so far and whether it came through the proxy. */
async function ways(simulator: Simulator): Promise<v.InferOutput<typeof Ways>> {
  return v.parse(Ways, await (await fetch(`${simulator.origin}/_sim/log`)).json())
}

/** How often the proxy refused to connect. */
async function connects(simulator: Simulator): Promise<number> {
  return (await ways(simulator)).filter(({ method }) => method === "CONNECT").length
}
