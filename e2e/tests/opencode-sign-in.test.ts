import { stat } from "node:fs/promises"
import { dirname } from "node:path"
import { describe, expect } from "vitest"
import { failedSignIn } from "../harness/opencode/failed-sign-in.ts"
import { runOpenCode, SIGN_IN, signIn } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { openCodeInTerminal, terminalMissing } from "../harness/opencode/terminal.ts"
import { within } from "../harness/opencode/throwaway-home.ts"
import { it, readAuthEntry, readTokenFile } from "../harness/opencode/with-opencode.ts"
import { DEAD_ORIGIN } from "../harness/shared/port.ts"

describe.skipIf(opencodeMissing)("signing in to the real OpenCode", () => {
  it("shows address and code and stores the sign-in in both stores for its owner only", async ({ simulator, home }) => {
    const result = await signIn(home, (code) => simulator.press("approve", code))

    expect(result.output).toMatch(/Go to: http:\/\/127\.0\.0\.1:\d+\/authorize\?user_code=[A-Z0-9]{4}-[A-Z0-9]{4}/)
    expect(result.output).toContain("Login successful")
    expect(result.code).toBe(0)
    const file = await readTokenFile(home)
    expect(await readAuthEntry(home)).toEqual({
      type: "oauth",
      access: file.access_token,
      refresh: file.refresh_token,
      expires: file.expiry_date,
      enterpriseUrl: file.resource_url,
    })
    expect((await stat(home.tokenFile)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(home.tokenFile))).mode & 0o777).toBe(0o700)
  })

  it("sends the plugin's name, PKCE S256 and Qwen's scope", async ({ simulator, home }) => {
    await signIn(home, (code) => simulator.press("approve", code))

    const [start, ...polls] = (await simulator.log()).filter(({ path }) => path.startsWith("/api/v1/oauth2/"))
    expect(start?.headers["user-agent"]).toMatch(/^opencode-alibaba-qwen-cli-auth\/\d+\.\d+\.\d+ \(\w+; \w+\)$/)
    expect(start?.body).toMatchObject({
      code_challenge_method: "S256",
      scope: "openid profile email model.completion",
    })
    expect(polls.length).toBeGreaterThan(0)
  })

  it("says when the user denies", async ({ simulator, home }) => {
    const result = await signIn(home, (code) => simulator.press("deny", code))

    expect(result.output).toContain("Authorization denied in the browser. Start the sign-in again")
    expect(result.code).not.toBe(0)
    await expect(stat(home.tokenFile)).rejects.toThrow("ENOENT")
  })

  it("says when nobody approves in time", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { expiresInS: 2 } })
    const result = await runOpenCode(home, SIGN_IN)

    expect(result.output).toContain("Device code expired. Start the sign-in again and approve it in the browser.")
    expect(result.code).not.toBe(0)
  })

  it("names the reason when the service cannot be reached", async ({ home }) => {
    const output = await failedSignIn(within(home, { QWEN_OAUTH_BASE_URL: DEAD_ORIGIN }))

    expect(output).toMatch(/127\.0\.0\.1:9 could not be reached \(.+\)\. Check the network connection and proxy/)
  })

  it("survives a gateway's page and a reset connection", async ({ simulator, home }) => {
    const queue = [{ status: 502, body: "<html>Bad Gateway</html>" }, { reset: true }]
    await simulator.control("scenario", { answers: { token: { queue } } })
    const result = await signIn(home, (code) => simulator.press("approve", code))

    expect(result.output).toContain("Login successful")
  })

  it.for(["ended-401", "ended-429", "ended-403"])(
    "says at once that the free tier has ended and what to do: %s",
    async (freeTier, { simulator, home }) => {
      await simulator.control("scenario", { freeTier })
      const result = await signIn(home, (code) => simulator.press("approve", code))

      expect(result.output).toContain("Alibaba ended the free Qwen OAuth tier on 2026-04-15")
      expect(result.output).toContain('opencode auth login -p alibaba -m "Model Studio API key"')
      expect(result.output).not.toContain("Login successful")
      expect(result.code).not.toBe(0)
      expect(await simulator.chats()).toHaveLength(1)
      await expect(stat(home.tokenFile)).rejects.toThrow("ENOENT")
    },
  )

  it.for<[string, object]>([
    ["an error of the service", { status: 500, body: { error: { code: "internal_error", message: "no" } } }],
    ["a rate limit", { named: "rate-limit-seconds" }],
    ["no answer in time", { pass: true, delayMs: 30_000 }],
  ])("succeeds although its check gets %s", async ([, answer], { simulator, home }) => {
    await simulator.control("scenario", { answers: { chat: { queue: [answer] } } })
    const result = await signIn(home, (code) => simulator.press("approve", code))

    expect(result.output).toContain("Login successful")
    expect((await readTokenFile(home)).access_token).toBe((await readAuthEntry(home))?.access)
  })

  it.skipIf(terminalMissing)("stores nothing after Ctrl-C", async ({ home }) => {
    const result = await openCodeInTerminal(home, SIGN_IN, [{ after: "Waiting for authorization", type: "\u0003" }])

    expect(result.output).toContain("Canceled")
    await expect(stat(home.tokenFile)).rejects.toThrow("ENOENT")
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })
})
