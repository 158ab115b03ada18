import { readFile } from "node:fs/promises"
import { formatStoredCredential, PAY_AS_YOU_GO } from "qwen-auth-core/internal"
import { START } from "qwen-auth-testing/fake-platform"
import { accepting, endpointOf } from "qwen-auth-testing/key-endpoints"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { firewallPage, json, networkError } from "qwen-auth-testing/replies"
import { credential, DEAD_REFRESH_TOKEN, HOUR, keyCredential, MINUTE, TOKENS } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { type FakeWorldOptions, fakeWorld } from "../testing/fake-world.ts"
import { leaveFile, leaveSignIn, storedIn, tokenFileIn } from "../testing/stored.ts"

const temporaryFolder = temporaryFolders()
const answer = json({ choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }] })
const PAYG = { ...keyCredential({ apiKey: "sk-key-of-the-test" }), ...endpointOf(PAY_AS_YOU_GO) }
const EXPIRED = credential({ expiresAt: START - HOUR })

/** A world with a sign-in of the given kind. */
async function signedIn(stored: Parameters<typeof leaveSignIn>[1] | undefined, options: FakeWorldOptions = {}) {
  const home = await temporaryFolder()
  if (stored !== undefined) await leaveSignIn(home, stored)
  return fakeWorld(home, options)
}

describe("status", () => {
  it("describes an account without any request", async () => {
    const world = await signedIn(credential())
    expect(await world.run("status")).toBe(0)
    expect(world.written.stdout).toBe(
      `Signed in with a Qwen account\n  Source  ${tokenFileIn(world.folder)}\n  Token   valid for 6 hours, then refreshed\n`,
    )
    expect(world.platform.requests).toEqual([])
  })

  it("describes a key", async () => {
    const world = await signedIn(keyCredential())
    expect(await world.run("status")).toBe(0)
    expect(world.written.stdout).toContain("Signed in with an API key: Coding Plan (international)\n")
    expect(world.written.stdout).toContain("https://coding-intl.dashscope.aliyuncs.com/v1")
  })

  it("describes a key in the environment, which is used when nothing is stored", async () => {
    const environment = { BAILIAN_TOKEN_PLAN_API_KEY: "sk-sp-key-of-the-test" }
    const world = await signedIn(undefined, { environment })
    expect(await world.run("status", "--json")).toBe(0)
    expect(JSON.parse(world.written.stdout)).toMatchObject({ plan: "token-plan", source: "BAILIAN_TOKEN_PLAN_API_KEY" })
    const stored = await signedIn(credential(), { environment })
    await stored.run("status", "--json")
    expect(JSON.parse(stored.written.stdout)).toMatchObject({ kind: "account" })
  })

  it("ends with 1 and names the variable of a malformed key without the key", async () => {
    const world = await signedIn(undefined, { environment: { BAILIAN_TOKEN_PLAN_API_KEY: "my secret key" } })
    expect(await world.run("status")).toBe(1)
    expect(world.written.stdout).toMatch(/^BAILIAN_TOKEN_PLAN_API_KEY: This is not a valid Model Studio API key\./)
    expect(world.written.stdout).not.toContain("secret")
  })

  it("ends with 1 when a sign-in is needed", async () => {
    const world = await signedIn(undefined)
    expect(await world.run("status")).toBe(1)
    expect(world.written.stdout).toBe("You are not signed in to Qwen. Run: qwen-auth login\n")
    await leaveFile(tokenFileIn(world.folder), "{ broken")
    expect(await world.run("status", "--json")).toBe(1)
    expect(world.written.stdout).toMatch(/"signedIn":false,"problem":".*Run: qwen-auth login"/)
  })

  it.each([
    ["works", credential(), [answer], 0, true],
    ["works after a refresh", EXPIRED, [json(TOKENS), answer], 0, true],
    ["has no free quota left", credential(), [apiError(429, "insufficient_quota", "quota")], 1, false],
    ["was revoked", EXPIRED, [json(DEAD_REFRESH_TOKEN, 400)], 1, false],
    ["meets a firewall", credential(), [firewallPage(200)], 2, null],
    ["has a working key", PAYG, [accepting("qwen3.7-plus")], 0, true],
    ["has a refused key", PAYG, [rejected, rejected], 1, false],
    [
      "has a key that cannot be checked from here",
      keyCredential(),
      [json({ error: "Coding Plan is currently only available for Coding Agents" }, 405)],
      0,
      null,
    ],
    ["has a refused Coding Plan key", keyCredential(), [rejected], 1, false],
  ] as const)("reports with --check a sign-in that %s", async (_, stored, replies, status, works) => {
    const world = await signedIn(stored, { replies })
    expect(await world.run("status", "--check", "--json")).toBe(status)
    expect(JSON.parse(world.written.stdout)).toMatchObject({ signedIn: true, works })
  })

  it("ends with 2 when the service cannot be reached", async () => {
    const world = await signedIn(credential(), { rest: networkError() })
    expect(await world.run("status", "--check")).toBe(2)
    expect(world.written.stdout).toMatch(/Works {3}not known\n.*Check the network connection/)
    const expired = await signedIn(EXPIRED, { rest: networkError() })
    expect(await expired.run("status", "--check")).toBe(2)
  })

  it("names an alternative when the free tier has ended", async () => {
    const world = await signedIn(credential(), { rest: apiError(429, "insufficient_quota", "quota") })
    await world.run("status", "--check")
    expect(world.written.stdout).toMatch(/ended the free Qwen OAuth tier.*qwen-auth login --console/)
  })
})

describe("token", () => {
  it("prints the access token and nothing else", async () => {
    const world = await signedIn(credential())
    expect(await world.run("token")).toBe(0)
    expect(world.written).toEqual({ stdout: "access-1\n", stderr: "" })
  })

  it("names the variable whose key cannot be used", async () => {
    const environment = { BAILIAN_CODING_PLAN_API_KEY: "two words" }
    const world = fakeWorld(await temporaryFolder(), { environment })
    expect(await world.run("token")).toBe(1)
    expect(world.written.stderr).toMatch(/BAILIAN_CODING_PLAN_API_KEY: .*Correct the variable/)
    expect(world.written.stderr).not.toContain("two words")
  })

  it("refreshes an expired token first and stores the new one", async () => {
    const world = await signedIn(EXPIRED, { replies: [json(TOKENS)] })
    await world.run("token")
    expect(world.written.stdout).toBe("access-2\n")
    expect(await storedIn(world.folder)).toMatchObject({ refresh_token: "refresh-2" })
  })

  it.each([
    [4, "access-2", 1],
    [6, "access-1", 0],
    [30, "access-1", 0],
  ])(
    "refreshes a token that is valid for %s more minutes only if fewer than five are left",
    async (minutes, token, requests) => {
      const world = await signedIn(credential({ expiresAt: START + minutes * MINUTE }), { replies: [json(TOKENS)] })
      await world.run("token")
      expect(world.written.stdout).toBe(`${token}\n`)
      expect(world.platform.requests).toHaveLength(requests)
    },
  )

  it("warns of the configuration once, also with a refresh", async () => {
    const world = await signedIn(EXPIRED, { replies: [json(TOKENS)] })
    await leaveFile(`${world.folder}/.opencode/qwen/auth-config.json`, `{"mode":1}`)
    await world.run("token")
    expect(world.written.stdout).toBe("access-2\n")
    expect(world.written.stderr.match(/Ignoring unknown entries/g)).toHaveLength(1)
  })

  it("prints a key, stored or in the environment, without a request", async () => {
    const stored = await signedIn(keyCredential())
    await stored.run("token")
    expect(stored.written.stdout).toBe("sk-sp-key-of-the-test\n")
    const environment = { BAILIAN_CODING_PLAN_API_KEY: "sk-sp-from-the-environment" }
    const other = await signedIn(undefined, { environment })
    await other.run("token")
    expect(other.written.stdout).toBe("sk-sp-from-the-environment\n")
  })

  it("shows nothing on a terminal without --show", async () => {
    const world = await signedIn(credential(), { terminal: 80 })
    expect(await world.run("token")).toBe(64)
    expect(world.written.stdout).toBe("")
    expect(await world.run("token", "--show")).toBe(0)
    expect(world.written.stdout).toBe("access-1\n")
  })

  it("names the remedy in one line without a sign-in", async () => {
    const world = await signedIn(undefined)
    expect(await world.run("token")).toBe(1)
    expect(world.written).toEqual({
      stdout: "",
      stderr: "qwen-auth: You are not signed in to Qwen. Run: qwen-auth login\n",
    })
  })

  it("hides the token in the log of --verbose", async () => {
    const world = await signedIn(EXPIRED, { replies: [networkError(), json(TOKENS)] })
    await world.run("token", "--verbose")
    expect(world.written.stdout).toBe("access-2\n")
    expect(world.written.stderr).not.toBe("")
    for (const secret of ["access-", "refresh-"]) expect(world.written.stderr).not.toContain(secret)
  })
})

describe("logout", () => {
  it("removes the account and reports it", async () => {
    const world = await signedIn(credential())
    expect(await world.run("logout")).toBe(0)
    expect(world.written.stdout).toBe("You are signed out of Qwen.\n")
    await expect(storedIn(world.folder)).rejects.toThrow("ENOENT")
    expect(await world.run("logout")).toBe(0)
    expect(world.written.stdout).toContain("Nobody was signed in.\n")
  })

  it("keeps Qwen Code's own sign-in, which is no longer used", async () => {
    const world = await signedIn(undefined)
    const theirs = `${world.folder}/.qwen/oauth_creds.json`
    await leaveFile(theirs, formatStoredCredential(credential()))
    await leaveFile(`${world.folder}/.opencode/qwen/auth-config.json`, `{"credentials":"qwen-code"}`)
    await world.run("logout")
    expect(world.written.stdout).toContain("Qwen Code's own sign-in is kept")
    expect(await readFile(theirs, "utf8")).toContain("access-1")
    expect(await world.run("status")).toBe(1)
  })

  it("names the remaining sign-ins", async () => {
    const environment = { BAILIAN_CODING_PLAN_API_KEY: "sk-sp-from-the-environment", XDG_DATA_HOME: "" }
    const world = await signedIn(credential(), { environment })
    await leaveFile(`${world.folder}/.local/share/opencode/auth.json`, `{"alibaba":{"type":"oauth"}}`)
    await world.run("logout")
    expect(world.written.stdout).toContain("An API key in the environment is still used")
    expect(world.written.stdout).toContain("opencode auth logout")
  })
})

describe("models", () => {
  it("lists the two models of an account", async () => {
    const world = await signedIn(credential(), { terminal: 100 })
    expect(await world.run("models")).toBe(0)
    expect(world.written.stdout).toMatch(
      /^MODEL +CONTEXT +INPUT +OUTPUT +IMAGES +THINKING\ncoder-model +1,000,000 +1,000,000 +65,536 +yes +yes\nvision-model/,
    )
    expect(world.platform.requests).toEqual([])
  })

  it("lists the live models of a plan, unknown ones too", async () => {
    const world = await signedIn(PAYG, { replies: [accepting("new-model", "qwen3-coder-plus")] })
    await world.run("models", "--json")
    expect(JSON.parse(world.written.stdout)).toEqual({
      live: true,
      models: [
        expect.objectContaining({ id: "qwen3-coder-plus", context: 1_000_000, images: false }),
        expect.objectContaining({ id: "new-model" }),
      ],
    })
  })

  it("lists the plan's known models when the service lists none, and with --offline", async () => {
    const world = await signedIn(PAYG, { rest: networkError() })
    await world.run("models")
    expect(world.written.stdout).toMatch(/^qwen3-coder-plus\t1,000,000\t/m)
    const offline = await signedIn(PAYG)
    await offline.run("models", "--json", "--offline")
    expect(JSON.parse(offline.written.stdout)).toMatchObject({ live: false })
  })
})

it("shows in minutes how long a short token is valid", async () => {
  const world = await signedIn(credential({ expiresAt: START + 90 * MINUTE }))
  await world.run("status")
  expect(world.written.stdout).toContain("valid for 90 minutes")
})
