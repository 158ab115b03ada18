import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { describe, expect } from "vitest"
import { runOpenCode, SIGN_IN, signIn, userCodeOn } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import type { RunningOpenCode } from "../harness/opencode/running-opencode.ts"
import { signInOnScreen } from "../harness/opencode/sign-in-screen.ts"
import { openCodeInTerminal, terminalMissing } from "../harness/opencode/terminal.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it, moveExpiry, readAuthEntry, readTokenFile, signedIn } from "../harness/opencode/with-opencode.ts"
import { startQwenCode } from "../harness/processes/sharing-process.ts"
import { filesWith } from "../harness/shared/files-below.ts"
import type { ProcessResult } from "../harness/shared/run-process.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"
import { expireOnDisk, readSignIn, signInTo } from "../harness/shared/stored-sign-in.ts"

/** Asks in a new instance of the running OpenCode, which reads everything from the stores. */
const ask = async ({ reload, ask }: RunningOpenCode) => {
  await reload()
  return ask("What is 6 times 7?")
}
const login = (home: ThrowawayHome, method: string) =>
  runOpenCode(home, ["auth", "login", "-p", "alibaba", "-m", method])
const logout = (home: ThrowawayHome) => runOpenCode(home, ["auth", "logout", "alibaba"])
const qwenFolder = (home: ThrowawayHome) => dirname(home.tokenFile)
const qwenCodeFolder = (home: ThrowawayHome) => join(home.env["HOME"] ?? "", ".qwen")

const EXISTING = "Qwen Account already on this computer"
const QWEN_CODE = "Qwen Code's sign-in (shared)"

describe.skipIf(opencodeMissing)("changing accounts in the real OpenCode", () => {
  it("leaves no token of the first account after signing out and in with another", async ({ simulator, opencode }) => {
    const { home } = opencode
    await signIn(home, (code) => simulator.press("approve", code))
    const first = await readTokenFile(home)
    const secrets = [first.access_token, first.refresh_token]
    await simulator.control("expire-tokens")
    expect((await ask(opencode)).text).toContain("42")
    const refreshed = await readTokenFile(home)
    secrets.push(refreshed.access_token, refreshed.refresh_token)
    expect((await logout(home)).output).toContain("Logout successful")
    // The file is kept, and the next sign-in offers it.
    expect(await filesWith(home.root, secrets)).toEqual([home.tokenFile])

    await signIn(home, (code) => simulator.press("approve", code))
    expect((await ask(opencode)).text).toContain("42")
    expect(await filesWith(home.root, secrets)).toEqual([])
    expect(new Set(secrets).size).toBe(4)
  })

  it("offers the stored sign-in after a sign-out, without a browser", async ({ simulator, opencode }) => {
    const { home } = opencode
    await signedIn(simulator, home)
    await logout(home)
    const before = (await simulator.log()).length
    const result = await login(home, EXISTING)

    expect(result.output).toContain("The sign-in on this computer is used; no browser is needed.")
    expect(result.output).toContain("Login successful")
    expect((await simulator.log()).slice(before)).toEqual([])
    expect((await readAuthEntry(home))?.access).toBe((await readTokenFile(home)).access_token)
    expect((await ask(opencode)).text).toContain("42")
  })

  it("refreshes an expired stored sign-in first, and stays signed out when that is refused", async ({
    simulator,
    home,
  }) => {
    await signedIn(simulator, home)
    await moveExpiry(home, Date.now() - 1_000)
    await rm(home.authFile)
    expect((await login(home, EXISTING)).output).toContain("Login successful")
    expect(await simulator.refreshes()).toBe(1)
    expect((await readAuthEntry(home))?.refresh).toBe((await readTokenFile(home)).refresh_token)

    await moveExpiry(home, Date.now() - 1_000)
    await rm(home.authFile)
    await simulator.control("revoke-refresh-tokens")
    const refused = await login(home, EXISTING)
    expect(refused.output).toContain("Token refresh failed")
    expect(refused.output).not.toContain("Login successful")
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })
})

describe.skipIf(opencodeMissing ?? terminalMissing)("the menu of the real OpenCode", () => {
  it("leads from the list of providers to the Qwen account", async ({ simulator, opencode }) => {
    const { home } = opencode
    const keys = [
      { after: "Select provider", type: "Alibaba" },
      { after: "Search: Alibaba", type: "\r" },
      { after: "Login method", type: "\r" },
    ]
    const { output } = await signInOnScreen(home, [], keys, (code) => simulator.press("approve", code))

    expect(methodsOn(output)).toEqual([
      "Qwen Account (OAuth)",
      "Model Studio account (browser)",
      "Model Studio API key",
    ])
    expect(output).toContain("Go to: ")
    expect(output).toContain("Login successful")
    expect((await ask(opencode)).text).toContain("42")
  })

  it("also offers the sign-ins on this computer", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await createQwenCodeSignIn(simulator, qwenCodeFolder(home))
    const keys = [{ after: EXISTING, type: "\u0003" }]
    const { output } = await openCodeInTerminal(home, ["auth", "login", "-p", "alibaba"], keys)

    expect(methodsOn(output)).toEqual([
      "Qwen Account (OAuth)",
      "Model Studio account (browser)",
      "Model Studio API key",
      EXISTING,
      QWEN_CODE,
    ])
  })

  it("allows two sign-ins at once in two windows", async ({ simulator, opencode }) => {
    const { home } = opencode
    const approve = (code: string) => simulator.press("approve", code)
    // OpenCode already runs in this home and has created its database. Two first starts at once could fail over it.
    const windows = await Promise.all([1, 2].map(() => signInOnScreen(home, SIGN_IN.slice(2), [], approve)))

    expect(windows.map(({ output }) => output.includes("Login successful"))).toEqual([true, true])
    expect(new Set(windows.map(({ output }) => userCodeOn(output))).size).toBe(2)
    await simulator.control("expire-tokens")
    expect((await ask(opencode)).text).toContain("42")
    expect(await simulator.refreshes()).toBe(1)
    expect((await readAuthEntry(home))?.refresh).toBe((await readTokenFile(home)).refresh_token)
  })
})

describe.skipIf(opencodeMissing)("when ~/.opencode/qwen is removed", () => {
  it("OpenCode's record is used, and a sign-out then leaves no token", async ({ simulator, opencode }) => {
    const { home } = opencode
    await signedIn(simulator, home)
    const first = await readTokenFile(home)
    await rm(qwenFolder(home), { recursive: true })
    await simulator.control("expire-tokens")
    expect((await ask(opencode)).text).toContain("42")
    expect(await simulator.refreshes()).toBe(1)
    const refreshed = await readTokenFile(home)
    expect(await readAuthEntry(home)).toMatchObject({
      access: refreshed.access_token,
      refresh: refreshed.refresh_token,
    })

    await rm(qwenFolder(home), { recursive: true })
    await logout(home)
    const secrets = [first, refreshed].flatMap(({ access_token, refresh_token }) => [access_token, refresh_token])
    expect(await filesWith(home.root, secrets)).toEqual([])
  })

  it("during a refresh, the answer arrives and no token is lost", async ({ simulator, opencode }) => {
    const { home } = opencode
    await signedIn(simulator, home)
    await simulator.control("expire-tokens")
    await simulator.control("scenario", {
      token: { reuseRevokesFamily: true },
      answers: { refresh: { standing: { pass: true, delayMs: 1_500 } } },
    })
    const answer = ask(opencode)
    await expect.poll(() => simulator.refreshes()).toBe(1)
    await rm(qwenFolder(home), { recursive: true })

    expect((await answer).text).toContain("42")
    await simulator.control("expire-tokens")
    expect((await ask(opencode)).text).toContain("42")
    expect((await readTokenFile(home)).refresh_token).toBe((await readAuthEntry(home))?.refresh)
  })

  it("during a sign-in, it succeeds and both stores have it", async ({ simulator, home }) => {
    await mkdir(qwenFolder(home), { recursive: true })
    await writeFile(join(qwenFolder(home), "left-over"), "")
    const result = await signIn(home, async (code) => {
      await rm(qwenFolder(home), { recursive: true })
      await simulator.press("approve", code)
    })

    expect(result.output).toContain("Login successful")
    expect((await readTokenFile(home)).refresh_token).toBe((await readAuthEntry(home))?.refresh)
    expect((await stat(qwenFolder(home))).mode & 0o777).toBe(0o700)
  })
})

describe.skipIf(opencodeMissing)("Qwen Code's sign-in, found on this computer", () => {
  it("is used in place, also after a restart and after refreshes by either program", async ({
    simulator,
    opencode,
  }) => {
    const { home } = opencode
    const file = await createQwenCodeSignIn(simulator, qwenCodeFolder(home))
    await mkdir(qwenFolder(home), { recursive: true })
    await writeFile(home.authConfigFile, '{"qwenMode": false}')
    const before = (await simulator.log()).length
    const result = await login(home, QWEN_CODE)

    expect(result.output).toContain("The sign-in on this computer is used; no browser is needed.")
    expect(result.output).toContain("Login successful")
    expect((await simulator.log()).slice(before)).toEqual([])
    expect(JSON.parse(await readFile(home.authConfigFile, "utf8"))).toEqual({
      qwenMode: false,
      credentials: "qwen-code",
    })

    const { refresh_token } = await readSignIn(file)
    await simulator.control("expire-tokens")
    expect((await ask(opencode)).text).toContain("42")
    expect(await simulator.refreshes()).toBe(1)
    const refreshed = await readSignIn(file)
    expect(refreshed.refresh_token).not.toBe(refresh_token)
    expect((await readAuthEntry(home))?.refresh).toBe(refreshed.refresh_token)
    await expect(stat(home.tokenFile)).rejects.toThrow("ENOENT")

    await expireOnDisk(file)
    const qwenCode = await startQwenCode({ origin: simulator.origin, folder: qwenCodeFolder(home) }, 10_000)
    expect((await qwenCode.use()).refreshed).toBe(true)
    await qwenCode.exit()
    expect((await ask(opencode)).text).toContain("42")
    expect(await simulator.refreshes()).toBe(2)
  })

  it("is found in QWEN_HOME", async ({ simulator, home }) => {
    const QWEN_HOME = join(home.root, "qwen-home")
    const file = await createQwenCodeSignIn(simulator, QWEN_HOME)
    expect((await login({ ...home, env: { ...home.env, QWEN_HOME } }, QWEN_CODE)).output).toContain("Login successful")
    expect((await readAuthEntry(home))?.access).toBe((await readSignIn(file)).access_token)
  })

  it("is not shared when the choice cannot be stored", async ({ simulator, home }) => {
    await createQwenCodeSignIn(simulator, qwenCodeFolder(home))
    await mkdir(qwenFolder(home), { recursive: true })
    await writeFile(home.authConfigFile, '{"qwenMode": fals}')
    const result = await login(home, QWEN_CODE)

    expect(result.output).toContain(`The choice could not be written to ${home.authConfigFile} (not a JSON object).`)
    expect(result.output).toContain("Correct or remove that file, then sign in again.")
    expect(result.output).not.toContain("Login successful")
    expect(await readFile(home.authConfigFile, "utf8")).toBe('{"qwenMode": fals}')
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })
})

/** Stores a sign-in as Qwen Code does. Returns its file. */
async function createQwenCodeSignIn(simulator: Simulator, folder: string): Promise<string> {
  await simulator.control("scenario", { deviceCode: { autoApprove: true } })
  const file = join(folder, "oauth_creds.json")
  await signInTo(simulator, file)
  return file
}

/** The sign-in methods in the menu, each once. */
function methodsOn(screen: ProcessResult["output"]): string[] {
  const menu = screen.slice(screen.indexOf("Login method"))
  return [...new Set([...menu.matchAll(/[●○] (\S.*?)\s*$/gm)].map(([, label = ""]) => label))]
}
