import { formatStoredCredential, PAY_AS_YOU_GO } from "qwen-auth-core/internal"
import { call } from "qwen-auth-testing/console-client"
import { eventually } from "qwen-auth-testing/eventually"
import { accepting, endpointOf, endpointReplies } from "qwen-auth-testing/key-endpoints"
import { json } from "qwen-auth-testing/replies"
import { credential, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { fakeWorld } from "../testing/fake-world.ts"
import { leaveFile, storedIn } from "../testing/stored.ts"

const temporaryFolder = temporaryFolders()
const KEY = "sk-key-of-another-program"
const ENDPOINT = endpointOf(PAY_AS_YOU_GO)

describe("login without an option", () => {
  it("offers a numbered menu", async () => {
    const home = await temporaryFolder()
    const world = fakeWorld(home, { replies: [json(STARTED), json(TOKENS)], terminal: 80 })
    const done = world.run("login", "--no-check")
    await eventually(() => expect(world.written.stdout).toContain("Number (1-3): "))
    world.type("7\n")
    await eventually(() => expect(world.written.stdout).toContain("Enter a number from 1 to 3"))
    world.type("1\n")

    expect(await done).toBe(0)
    expect(world.written.stdout).toMatch(/1\. Qwen account.*\n {2}2\. Qwen Cloud.*\n {2}3\. API key/)
    expect(await storedIn(home)).toMatchObject({ access_token: "access-2" })
  })

  it("is cancelled at the menu by Ctrl-C and when the terminal closes", async () => {
    const world = fakeWorld(await temporaryFolder(), { terminal: 80 })
    const done = world.run("login")
    await eventually(() => expect(world.written.stdout).toContain("Number"))
    world.interrupt()
    expect(await done).toBe(130)

    const closed = fakeWorld(await temporaryFolder(), { terminal: 80 })
    closed.end()
    expect(await closed.run("login")).toBe(130)
  })

  it("names the options without a terminal", async () => {
    const world = fakeWorld(await temporaryFolder())
    expect(await world.run("login")).toBe(64)
    expect(world.written.stderr).toContain("Use --account, --console, --key-stdin or --found NAME")
  })

  it("refuses two ways at once", async () => {
    const world = fakeWorld(await temporaryFolder())
    expect(await world.run("login", "--account", "--console")).toBe(64)
    expect(world.written.stderr).toContain("Choose one way to sign in")
  })
})

describe("login --found", () => {
  it("uses Qwen Code's account in place and never copies it", async () => {
    const home = await temporaryFolder()
    await leaveFile(`${home}/.qwen/oauth_creds.json`, formatStoredCredential(credential()))
    const world = fakeWorld(home)
    expect(await world.run("login", "--found", "list")).toBe(0)
    expect(world.written.stdout).toBe("qwen-code  Qwen Code's sign-in (shared)\n")
    expect(await world.run("login", "--found", "qwen-code")).toBe(0)
    expect(await world.run("status", "--json")).toBe(0)
    expect(world.written.stdout).toContain(`"source":"${home}/.qwen"`)
    await expect(storedIn(home)).rejects.toThrow("ENOENT")
  })

  it.each([
    ["opencode", ".local/share/opencode/auth.json", { alibaba: { type: "api", key: KEY } }],
    [
      "opencode",
      ".local/share/opencode/auth.json",
      { alibaba: { type: "api", key: KEY, metadata: { qwenAuth: "resolved", baseUrl: ENDPOINT.baseUrl } } },
    ],
    ["opencode-alibaba-cn", ".local/share/opencode/auth.json", { "alibaba-cn": { type: "api", key: KEY } }],
    ["bailian", ".bailian/config.json", { api_key: KEY }],
    ["qwencloud", ".qwencloud/config.json", { api_key: KEY, base_url: ENDPOINT.baseUrl }],
  ])("copies the key of another program only when it is chosen: %s", async (name, file, content) => {
    const home = await temporaryFolder()
    await leaveFile(`${home}/${file}`, JSON.stringify(content))
    const endpoint = name.endsWith("-cn") ? endpointOf(PAY_AS_YOU_GO, 1) : ENDPOINT
    const world = fakeWorld(home, { rest: endpointReplies([endpoint, accepting("qwen3.7-plus")]) })
    await world.run("login", "--found", "list")
    expect(world.written.stdout).toMatch(new RegExp(`^${name}  API key`))
    await expect(storedIn(home)).rejects.toThrow("ENOENT")

    expect(await world.run("login", "--found", name)).toBe(0)
    expect(await storedIn(home)).toMatchObject({ api_key: KEY, base_url: endpoint.baseUrl })
    expect(world.written.stdout + world.written.stderr).not.toContain(KEY)
  })

  it("refuses a sign-in that was not found", async () => {
    const world = fakeWorld(await temporaryFolder())
    expect(await world.run("login", "--found", "list")).toBe(0)
    expect(world.written.stdout).toBe("No other sign-in was found.\n")
    expect(await world.run("login", "--found", "qwen-code")).toBe(64)
  })
})

describe("login --console", () => {
  it("names its cost and where the browser must be, and frees the port on Ctrl-C", async () => {
    const world = fakeWorld(await temporaryFolder(), { environment: { SSH_TTY: "/dev/pts/1" }, autoAdvance: false })
    const done = world.run("login", "--console", "--region", "china")
    await eventually(() =>
      expect(world.written.stdout).toContain("bailian.console.aliyun.com/console-login?notice=127.0.0.1:"),
    )
    expect(world.written.stdout).toContain("requests with this key are paid as you go and can cost money")
    expect(world.written.stdout).toContain("qwen-auth login --key")
    expect(world.written.stdout).not.toMatch(/[█▀▄]/)
    world.interrupt()
    expect(await done).toBe(130)
  })

  it("stores the plan and the region of the endpoint that the console sends", async () => {
    const home = await temporaryFolder()
    const world = fakeWorld(home, { autoAdvance: false })
    const done = world.run("login", "--console")
    const address = /notice=127\.0\.0\.1:(\d+)\?state=(\w+)/
    await eventually(() => expect(world.written.stdout).toMatch(address))
    const [, port, state] = address.exec(world.written.stdout) ?? []
    const baseUrl = "https://token-plan.cn-hongkong.maas.aliyuncs.com/compatible-mode/v1"
    const answer = await call(Number(port), {
      method: "POST",
      target: `/?state=${state}`,
      headers: { origin: "https://modelstudio.console.alibabacloud.com" },
      body: JSON.stringify({ api_key: KEY, base_url: baseUrl }),
    })

    expect([answer.status, await done]).toEqual([200, 0])
    expect(await storedIn(home)).toMatchObject({
      api_key: KEY,
      plan: "token-plan",
      region: "hongkong",
      base_url: baseUrl,
    })
  })

  it("accepts two regions only", async () => {
    const world = fakeWorld(await temporaryFolder())
    expect(await world.run("login", "--console", "--region", "us")).toBe(64)
  })
})
