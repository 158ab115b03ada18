import { PAY_AS_YOU_GO, TOKEN_PLAN } from "qwen-auth-core/internal"
import { eventually } from "qwen-auth-testing/eventually"
import type { Reply } from "qwen-auth-testing/fake-platform"
import { accepting, endpointOf, endpointReplies } from "qwen-auth-testing/key-endpoints"
import { rejected } from "qwen-auth-testing/refusals"
import { json, networkError } from "qwen-auth-testing/replies"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { type FakeWorldOptions, fakeWorld } from "../testing/fake-world.ts"
import { leaveFile, leaveSignIn, storedIn } from "../testing/stored.ts"

const temporaryFolder = temporaryFolders()
const KEY = "sk-key-of-the-test-0123456789"
const ENDPOINT = endpointOf(PAY_AS_YOU_GO)
const service = endpointReplies([ENDPOINT, accepting("qwen3.7-plus")])

async function loginTyping(keys: string, options: FakeWorldOptions = {}, ...args: string[]) {
  const home = await temporaryFolder()
  const world = fakeWorld(home, { rest: service, terminal: 80, ...options })
  const done = world.run("login", "--key", ...args)
  await eventually(() => expect(world.rawModes).toEqual([true]))
  world.type(keys)
  return { home, world, status: await done, ...world.written }
}

async function loginPiping(text: string, options: FakeWorldOptions = {}, ...args: string[]) {
  const home = await temporaryFolder()
  const world = fakeWorld(home, { rest: service, ...options })
  world.type(text)
  world.end()
  return { home, world, status: await world.run("login", "--key-stdin", ...args), ...world.written }
}

describe("login --key", () => {
  it.each([
    ["typed", `${KEY}\r`],
    ["pasted with its name", `export DASHSCOPE_API_KEY="${KEY}"\n`],
    ["pasted by a terminal that marks pasted text", `\x1b[200~${KEY}\x1b[201~\r`],
    ["corrected with Backspace", `${KEY}xy\x7f\b\r`],
    ["typed again after Ctrl-U", `wrong\x15${KEY}\r`],
    ["edited with an arrow key", `${KEY}\x1b[D\r`],
  ])("takes a key that is %s, without showing it", async (_, keys) => {
    const { home, world, status, stdout, stderr } = await loginTyping(keys)
    expect(status).toBe(0)
    expect(await storedIn(home)).toMatchObject({
      type: "api_key",
      api_key: KEY,
      base_url: ENDPOINT.baseUrl,
      mode: "600",
    })
    expect(stdout).toContain("Signed in with an API key: Pay as you go (international).")
    expect(stdout + stderr).not.toContain(KEY)
    expect(world.rawModes).toEqual([true, false])
  })

  it.each([
    ["Ctrl-C", "sk-half\x03"],
    ["Ctrl-D", "\x04"],
  ])("is cancelled by %s and restores the terminal", async (_, keys) => {
    const { status, world, stderr } = await loginTyping(keys)
    expect([status, stderr, world.rawModes]).toEqual([130, "qwen-auth: Cancelled.\n", [true, false]])
    expect(world.platform.requests).toEqual([])
    expect(world.listening()).toBe(0)
  })

  it("needs a terminal", async () => {
    const world = fakeWorld(await temporaryFolder())
    expect(await world.run("login", "--key")).toBe(64)
    expect(world.written.stderr).toContain("Use: qwen-auth login --key-stdin < FILE")
  })

  it("refuses a key as an argument", async () => {
    const world = fakeWorld(await temporaryFolder())
    expect(await world.run("login", KEY)).toBe(64)
    expect(await world.run("login", `--key=${KEY}`)).toBe(64)
    expect(world.written.stderr + world.written.stdout).not.toContain(KEY)
  })
})

describe("a key whose plan cannot be detected", () => {
  // The Coding Plan answers only to coding agents, so that a request of this command proves nothing.
  const undetermined: Reply = (request) =>
    request.url.includes("//coding")
      ? json({ error: "only available for Coding Agents" }, 405)(request)
      : rejected(request)

  it("makes a terminal ask for the plan", async () => {
    const home = await temporaryFolder()
    const world = fakeWorld(home, { rest: undetermined, terminal: 80 })
    const done = world.run("login", "--key")
    await eventually(() => expect(world.rawModes).toEqual([true]))
    world.type("sk-sp-key-of-the-test\r")
    await eventually(() => expect(world.written.stdout).toContain("Which plan and region is this key for?"))
    world.type("2\n")
    expect(await done).toBe(0)
    expect(await storedIn(home)).toMatchObject({ plan: "coding-plan", region: "china" })
    expect(world.written.stdout).toContain("the service did not confirm it")
  })

  it("needs --plan and --region without a terminal", async () => {
    const unknown = await loginPiping("sk-sp-key-of-the-test", { rest: undetermined })
    expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining("with --plan and --region")])
    const known = await loginPiping(
      "sk-sp-key-of-the-test",
      { rest: undetermined },
      "--plan",
      "coding-plan",
      "--region",
      "china",
    )
    expect(known.status).toBe(0)
  })
})

describe("login --key-stdin", () => {
  it("reads a key from a pipe", async () => {
    const { home, status } = await loginPiping(`${KEY}\n`)
    expect(status).toBe(0)
    expect(await storedIn(home)).toMatchObject({ api_key: KEY })
  })

  it("does not read from a terminal, which would show the key", async () => {
    const world = fakeWorld(await temporaryFolder(), { terminal: 80 })
    expect(await world.run("login", "--key-stdin")).toBe(64)
    expect(world.written.stderr).toContain("Use --key, which does not show what you enter.")
  })

  it.each([
    ["nothing", "", "There is no API key."],
    ["another text", "hello", "This is not a valid Model Studio API key."],
    ["a text longer than any key", "a".repeat(70_000), "This is not a valid Model Studio API key."],
  ])("refuses %s before any request", async (_, text, message) => {
    const { status, stderr, world } = await loginPiping(text)
    expect(status).toBe(1)
    expect(stderr).toContain(message)
    expect(world.platform.requests).toEqual([])
  })

  it("reports that the service refuses a key", async () => {
    const { home, status, stderr } = await loginPiping(KEY, { rest: rejected })
    expect(status).toBe(1)
    expect(stderr).toContain("does not accept this API key")
    await expect(storedIn(home)).rejects.toThrow("ENOENT")
  })

  it("stores a key for the given plan and region when the service cannot be reached", async () => {
    const options = { rest: networkError() }
    const { home, status, stdout } = await loginPiping(KEY, options, "--plan", "pay-as-you-go", "--region", "china")
    expect(status).toBe(0)
    expect(stdout).toContain("the service did not confirm it. Run: qwen-auth status --check")
    expect(await storedIn(home)).toMatchObject({ plan: "pay-as-you-go", region: "china" })
    const unknown = await loginPiping(KEY, options)
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining("could not be detected")])
  })

  it("accepts the address of a workspace", async () => {
    const host = "ws-1.ap-southeast-1.maas.aliyuncs.com"
    const baseUrl = `https://${host}/compatible-mode/v1`
    const rest = endpointReplies([{ ...ENDPOINT, baseUrl }, accepting("qwen3.7-plus")])
    const { home, status } = await loginPiping(KEY, { rest }, "--endpoint", host)
    expect(status).toBe(0)
    expect(await storedIn(home)).toMatchObject({ base_url: baseUrl })
    const evil = await loginPiping(KEY, { rest }, "--endpoint", "https://evil.test")
    expect([evil.status, evil.world.platform.requests]).toEqual([1, []])
  })

  it("replaces the account, and no longer uses Qwen Code's shared sign-in, which is kept", async () => {
    const home = await temporaryFolder()
    await leaveSignIn(home, credential())
    const choice = `${home}/.opencode/qwen/auth-config.json`
    await leaveFile(choice, `{"credentials":"qwen-code","qwenMode":false}`)
    await leaveFile(`${home}/.qwen/oauth_creds.json`, `{"access_token":"theirs"}`)
    const world = fakeWorld(home, { rest: endpointReplies([endpointOf(TOKEN_PLAN), accepting("qwen3.7-plus")]) })
    world.type("sk-sp-key-of-the-test")
    world.end()
    expect(await world.run("login", "--key-stdin")).toBe(0)

    expect(await storedIn(home)).toMatchObject({ type: "api_key", plan: "token-plan" })
    const { readFile } = await import("node:fs/promises")
    expect(JSON.parse(await readFile(choice, "utf8"))).toEqual({ credentials: "own", qwenMode: false })
    expect(await readFile(`${home}/.qwen/oauth_creds.json`, "utf8")).toContain("theirs")
  })

  it("prints events with --json, and no key", async () => {
    const { stdout } = await loginPiping(KEY, {}, "--json")
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { event: "checking" },
      {
        event: "signed-in",
        kind: "key",
        plan: "pay-as-you-go",
        region: "international",
        baseUrl: ENDPOINT.baseUrl,
        file: expect.any(String),
      },
    ])
    expect(stdout).not.toContain(KEY)
  })
})
