import { stripVTControlCharacters } from "node:util"
import { eventually } from "qwen-auth-testing/eventually"
import { START } from "qwen-auth-testing/fake-platform"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { json, networkError, page, silence } from "qwen-auth-testing/replies"
import { credential, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { type FakeWorldOptions, fakeWorld } from "../testing/fake-world.ts"
import { leaveSignIn, storedIn } from "../testing/stored.ts"

const temporaryFolder = temporaryFolders()
const started = json(STARTED)
const pending = json({ error: "authorization_pending" }, 400)
const tokens = json(TOKENS)
const answer = json({ choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }] })
const DISPLAY = { DISPLAY: ":0" }

async function login(options: FakeWorldOptions, ...args: string[]) {
  const home = await temporaryFolder()
  const world = fakeWorld(home, options)
  const status = await world.run("login", "--account", ...args)
  return { home, world, status, ...world.written, shown: stripVTControlCharacters(world.written.stdout) }
}

describe("login --account", () => {
  it("opens the browser, shows address, code and QR code, and stores the account for its owner only", async () => {
    const replies = [started, pending, tokens, answer]
    const { home, status, world, shown } = await login({ replies, terminal: 100, environment: DISPLAY })

    expect(status).toBe(0)
    expect(world.opened).toEqual([STARTED.verification_uri_complete])
    expect(shown).toContain(`The browser opens this address:\n\n  ${STARTED.verification_uri_complete}\n`)
    expect(shown).toContain("Check that it shows this code and approve: ABCD-1234")
    expect(shown).toMatch(/[█▀▄]{20}/)
    expect(shown).toContain("Waiting for your approval: 15:00 left (Ctrl-C cancels)")
    expect(shown).toMatch(
      /Signed in with a Qwen account\.\nIt is stored in .*oauth_token\.json, readable by you only\.\n$/,
    )
    expect(await storedIn(home)).toMatchObject({ access_token: "access-2", refresh_token: "refresh-2", mode: "600" })
    expect([world.listening(), world.platform.beating(), world.platform.openWaits()]).toEqual([0, 0, 0])
  })

  it("counts down in one line and removes it at the end", async () => {
    const world = fakeWorld(await temporaryFolder(), {
      replies: [started, tokens, answer],
      terminal: 60,
      autoAdvance: false,
    })
    const done = world.run("login", "--account")
    await eventually(() => expect(world.platform.beating()).toBe(1))
    world.platform.pass(4_000)
    await world.platform.beat()
    world.platform.pass(1_000)
    expect(await done).toBe(0)

    expect(world.written.stdout).toContain("\r\x1b[KWaiting for your approval: 14:56 left (Ctrl-C cancels)")
    expect(world.written.stdout).toContain("left (Ctrl-C cancels)\r\x1b[KSigned in")
  })

  it("leaves out the QR code in a narrow window", async () => {
    const { shown, status } = await login({ replies: [started, tokens, answer], terminal: 30 })
    expect(status).toBe(0)
    expect(shown).not.toMatch(/[█▀▄]/)
  })

  it.each([
    [55, "Waiting for your approval: 15:00 left (Ctrl-C cancels)"],
    [54, "15:00 left (Ctrl-C cancels)"],
    [28, "15:00 left (Ctrl-C cancels)"],
    [20, "15:00 left (Ctrl-C "],
  ])("counts down in one line in a window of %s columns", async (terminal, line) => {
    const { shown } = await login({ replies: [started, tokens, answer], terminal })
    expect(shown.split(/[\r\n]/).filter((each) => each.includes("15:00"))).toEqual([line])
  })

  it("writes no colours with NO_COLOR and no control codes into a pipe", async () => {
    const plain = await login({ replies: [started, tokens, answer], terminal: 100, environment: { NO_COLOR: "1" } })
    expect(plain.stdout.replaceAll("\x1b[K", "")).not.toContain("\x1b[")
    const piped = await login({ replies: [started, tokens, answer] })
    expect(piped.stdout).toBe(stripVTControlCharacters(piped.stdout))
    expect(piped.stdout).not.toMatch(/[█▀▄\r]/)
    expect(piped.stdout).toContain(STARTED.verification_uri_complete)
  })

  it.each([
    ["over SSH", { SSH_CONNECTION: "1" }, "This is an SSH session: no browser is opened."],
    ["in a container", { container: "podman" }, "This is a container: no browser is opened."],
    ["without a display", {}, "This computer has no display: no browser is opened."],
  ])("opens no browser %s and says why", async (_, environment, why) => {
    const { world, stdout } = await login({ replies: [started, tokens, answer], environment: { ...environment } })
    expect(world.opened).toEqual([])
    expect(stdout).toContain(`${why}\nOpen this address in a browser:`)
  })

  it("continues when the browser cannot be opened, or is not wanted", async () => {
    const browserError = new Error("spawn xdg-open ENOENT")
    const failed = await login({ replies: [started, tokens, answer], environment: DISPLAY, browserError })
    expect(failed.stdout).toContain("The browser could not be opened.\nOpen this address in a browser:")
    expect(failed.status).toBe(0)
    const unwanted = await login({ replies: [started, tokens, answer], environment: DISPLAY }, "--no-browser")
    expect(unwanted.world.opened).toEqual([])
  })

  it.each([
    ["denied", json({ error: "access_denied" }, 400), 1, "Authorization denied in the browser."],
    ["expired", json({ error: "expired_token" }, 400), 1, "Device code expired."],
  ])("reports that it was %s, and stores nothing", async (_, reply, expected, message) => {
    const { home, status, stderr } = await login({ replies: [started, reply] })
    expect(status).toBe(expected)
    expect(stderr).toMatch(new RegExp(`^qwen-auth: ${message} .*\n$`))
    await expect(storedIn(home)).rejects.toThrow("ENOENT")
  })

  it("ends with status 2 when the service cannot be reached", async () => {
    const { status, stderr } = await login({ rest: networkError() })
    expect(status).toBe(2)
    expect(stderr).toContain("Check the network connection and proxy")
  })

  it("is cancelled by Ctrl-C and leaves nothing", async () => {
    const home = await temporaryFolder()
    const world = fakeWorld(home, { replies: [started, silence], terminal: 80, autoAdvance: false })
    const done = world.run("login", "--account")
    await eventually(() => expect(world.platform.openWaits()).toBe(1))
    world.platform.pass(5_000)
    await eventually(() => expect(world.platform.requests).toHaveLength(2))
    world.interrupt()

    expect(await done).toBe(130)
    expect(world.written.stderr).toBe("qwen-auth: Cancelled.\n")
    expect(world.written.stdout.endsWith("\r\x1b[K")).toBe(true)
    await expect(storedIn(home)).rejects.toThrow("ENOENT")
    expect([world.listening(), world.platform.beating(), world.platform.openWaits()]).toEqual([0, 0, 0])
  })

  it("refuses an account without a quota and names an alternative", async () => {
    const ended = apiError(429, "insufficient_quota", "Free allocated quota exceeded.")
    const { home, status, stderr } = await login({ replies: [started, tokens, ended] })
    expect(status).toBe(1)
    expect(stderr).toMatch(/free Qwen OAuth tier.*qwen-auth login --console gets a pay-as-you-go key/)
    await expect(storedIn(home)).rejects.toThrow("ENOENT")
  })

  it.each([
    ["the network fails", networkError()],
    ["the service has an error", page(502)],
    ["there are too many requests", apiError(429, "rate_limit", "Too many requests")],
  ])("stores the account although %s at the check", async (_, reply) => {
    const { home, status } = await login({ replies: [started, tokens], rest: reply })
    expect(status).toBe(0)
    expect(await storedIn(home)).toMatchObject({ access_token: "access-2" })
  })

  it("sends no check with --no-check", async () => {
    const { world, status } = await login({ replies: [started, tokens] }, "--no-check")
    expect([status, world.platform.requests.length]).toEqual([0, 2])
  })

  it("replaces the stored account", async () => {
    const home = await temporaryFolder()
    await leaveSignIn(home, credential())
    await fakeWorld(home, { replies: [started, tokens, answer] }).run("login", "--account")
    expect(await storedIn(home)).toMatchObject({ access_token: "access-2" })
  })

  it("prints events with --json", async () => {
    const { stdout, home } = await login({ replies: [started, tokens, answer] }, "--json")
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(events).toEqual([
      {
        event: "verification",
        url: STARTED.verification_uri_complete,
        userCode: "ABCD-1234",
        expiresAt: new Date(START + 900_000).toISOString(),
        browserOpened: false,
      },
      { event: "signed-in", kind: "account", file: expect.stringContaining(home) },
    ])
    const denied = await login({ replies: [started, json({ error: "access_denied" }, 400)] }, "--json")
    expect(JSON.parse(denied.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
      event: "error",
      code: "authorization_denied",
    })
    expect(denied.stderr).toBe("")
  })

  it("shows no token, not even with --verbose", async () => {
    const { stdout, stderr } = await login({ replies: [started, tokens, rejected, tokens, answer] }, "--verbose")
    for (const secret of ["access-2", "refresh-2", "device-1"]) expect(stdout + stderr).not.toContain(secret)
  })
})
