import { readdir } from "node:fs/promises"
import { describe, expect } from "vitest"
import { type CommandHome, it } from "../harness/cli/command.ts"
import { QR_LINE, readQrCode } from "../harness/cli/read-qr-code.ts"
import { inTerminal, type Terminal, tmuxMissing } from "../harness/cli/tmux.ts"
import { filesWith, modesBelow } from "../harness/shared/files-below.ts"
import { readSignIn } from "../harness/shared/stored-sign-in.ts"

const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\/authorize\?user_code=([A-Z0-9-]+)&client=qwen-code/
const codeOn = (screen: string) => ADDRESS.exec(screen)?.[1] ?? ""
const waitForUserCode = async (terminal: Terminal) =>
  codeOn(await terminal.waitFor(/Waiting for your approval: 1\d:\d\d left/))

/** A screen without the parts that differ between runs. */
const comparable = (screen: string, home: CommandHome) =>
  screen
    .replaceAll(home.path, "~")
    .replace(ADDRESS, "http://127.0.0.1:PORT/authorize?user_code=CODE&client=qwen-code")
    .replace(/approve: [A-Z0-9-]+/, "approve: CODE")
    .split("\n")
    .filter((line) => !QR_LINE.test(line))
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")

describe.skipIf(tmuxMissing)("login in a real terminal", () => {
  it("shows address, code and QR code, and stores the approved account", async ({ simulator, home }) => {
    const terminal = inTerminal(home, ["login", "--account", "--no-browser"])
    const code = await waitForUserCode(terminal)
    const [url] = ADDRESS.exec(terminal.screen()) ?? []
    expect(readQrCode(terminal.screen())).toBe(url)
    await simulator.press("approve", code)

    const screen = comparable(await terminal.waitFor("exit status 0"), home)
    expect(screen).toBe(
      [
        "Open this address in a browser:",
        "",
        "  http://127.0.0.1:PORT/authorize?user_code=CODE&client=qwen-code",
        "",
        "Check that it shows this code and approve: CODE",
        "",
        "Signed in with a Qwen account.",
        "It is stored in ~/.opencode/qwen/oauth_token.json, readable by you only.",
        "exit status 0",
      ].join("\n"),
    )
    const { access_token } = await readSignIn(home.tokenFile)
    expect((await home.run(["token"])).stdout).toBe(`${access_token}\n`)
    expect(await modesBelow(`${home.path}/.opencode`)).toMatchObject({ qwen: "0700/", "qwen/oauth_token.json": "0600" })
  })

  it("says that the sign-in was denied", async ({ simulator, home }) => {
    const terminal = inTerminal(home, ["login", "--account", "--no-browser"])
    await simulator.press("deny", await waitForUserCode(terminal))
    const screen = await terminal.waitFor("exit status 1")
    expect(screen).toContain("qwen-auth: Authorization denied in the browser.")
    expect(screen).not.toContain("Waiting")
    expect(await readdir(home.path)).toEqual([])
  })

  it("says that the code expired", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { expiresInS: 3 } })
    const terminal = inTerminal(home, ["login", "--account", "--no-browser"])
    expect(await terminal.waitFor("exit status 1")).toContain("qwen-auth: Device code expired.")
  })

  it("is cancelled by Ctrl-C and leaves no file", async ({ home }) => {
    const terminal = inTerminal(home, ["login", "--account", "--no-browser"])
    await waitForUserCode(terminal)
    terminal.press("C-c")
    const screen = await terminal.waitFor("exit status 130")
    expect(screen).toMatch(/qwen-auth: Cancelled\.\nexit status 130$/)
    expect(screen).not.toContain("Waiting")
    expect(await readdir(home.path)).toEqual([])
  })

  it("fits a narrow window", async ({ simulator, home }) => {
    const terminal = inTerminal(home, ["login", "--account", "--no-browser"], { columns: 34 })
    await terminal.waitFor("left (Ctrl-C cancels)")
    const screen = terminal.screen()
    expect(readQrCode(screen)).toBeUndefined()
    expect(screen.match(/left/g)).toHaveLength(1)
    await simulator.press("approve", codeOn(screen.replaceAll("\n", "")))
    expect(await terminal.waitFor("exit status 0")).not.toContain("Ctrl-C")
  })

  it("shows a readable QR code without colours too", async ({ home }) => {
    const terminal = inTerminal(home, ["login", "--account", "--no-browser"], { env: { NO_COLOR: "1" } })
    await waitForUserCode(terminal)
    expect(readQrCode(terminal.screen())).toMatch(ADDRESS)
  })

  it("offers a menu and does not show the key that is typed", async ({ simulator, home }) => {
    const key = "sk-sp-typed-key-that-nobody-may-see"
    const terminal = inTerminal(home, ["login", "--plan", "coding-plan", "--region", "china"])
    await terminal.waitFor("Number (1-3):")
    terminal.press("3", "Enter")
    await terminal.waitFor("API key (it is not shown):")
    terminal.press("-l", key)
    terminal.press("C-c")
    const screen = await terminal.waitFor("exit status 130")
    expect(screen).not.toContain("sk-sp-")
    expect(await filesWith(home.path, [key])).toEqual([])
    expect(await simulator.log()).toEqual([])
  })
})

describe("login without a terminal", () => {
  it("names the options instead of asking", async ({ home }) => {
    const { code, stderr } = await home.run(["login"])
    expect([code, stderr]).toEqual([
      64,
      "qwen-auth: There is no terminal to choose a way to sign in. Use --account, --console, --key-stdin or --found NAME\n",
    ])
  })

  it("writes no control codes and signs in", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    const { code, stdout } = await home.run(["login", "--account"])
    expect(code).toBe(0)
    expect(stdout).toMatch(ADDRESS)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f█▀▄]/)
    expect((await home.run(["status", "--check"])).stdout).toMatch(/Works {3}yes/)
  })

  it("prints events for a program, which can approve", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    const { stdout } = await home.run(["login", "--account", "--json"])
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(events.map(({ event }) => event)).toEqual(["verification", "signed-in"])
  })

  it("refuses an account whose free tier has ended and says what works", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true }, freeTier: "ended-429" })
    const { code, stderr } = await home.run(["login", "--account"])
    expect(code).toBe(1)
    expect(stderr).toMatch(/ended the free Qwen OAuth tier.*qwen-auth login --key/)
    expect((await home.run(["status"])).code).toBe(1)
  })
})
