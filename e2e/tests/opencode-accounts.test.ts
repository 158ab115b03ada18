import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { describe, expect } from "vitest"
import { runOpenCode, SIGN_IN, signIn, userCodeOn } from "../harness/opencode/opencode.ts"
import type { RunningOpenCode } from "../harness/opencode/running-opencode.ts"
import { signInOnScreen } from "../harness/opencode/sign-in-screen.ts"
import { runInTerminal, terminalMissing } from "../harness/opencode/terminal.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import {
  it,
  moveExpiry,
  opencodeBinary,
  opencodeMissing,
  readAuthEntry,
  readTokenFile,
  signedIn,
} from "../harness/opencode/with-opencode.ts"
import { startQwenCode } from "../harness/processes/sharing-process.ts"
import { filesWith } from "../harness/shared/files-below.ts"
import type { ProcessResult } from "../harness/shared/run-process.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"
import { expireOnDisk, readSignIn, signInTo } from "../harness/shared/stored-sign-in.ts"

const run = (home: ThrowawayHome, args: readonly string[]) => runOpenCode(opencodeBinary, home, args)
/** Asks in a fresh instance of the running OpenCode, which knows only what is stored. */
const ask = async ({ reload, ask }: RunningOpenCode) => {
  await reload()
  return ask("What is 6 times 7?")
}
const login = (home: ThrowawayHome, method: string) => run(home, ["auth", "login", "-p", "alibaba", "-m", method])
const logout = (home: ThrowawayHome) => run(home, ["auth", "logout", "alibaba"])
const qwenFolder = (home: ThrowawayHome) => dirname(home.tokenFile)
const authConfig = (home: ThrowawayHome) => join(qwenFolder(home), "auth-config.json")
const qwenCodeFolder = (home: ThrowawayHome) => join(home.env["HOME"] ?? "", ".qwen")

const HERE = "Qwen Account already on this computer"
const QWEN_CODE = "Qwen Code's sign-in (shared)"

describe.skipIf(opencodeMissing)("changing accounts in the real OpenCode", () => {
  it("signing out and in with another account leaves nothing of the first", async ({ simulator, opencode }) => {
    const { home } = opencode
    await signIn(opencodeBinary, home, (code) => simulator.press("approve", code))
    const first = await readTokenFile(home)
    const secrets = [first.access_token, first.refresh_token]
    await simulator.control("expire-tokens")
    expect((await ask(opencode)).text).toContain("42")
    const renewed = await readTokenFile(home)
    secrets.push(renewed.access_token, renewed.refresh_token)
    expect((await logout(home)).output).toContain("Logout successful")
    // Kept for the next sign-in, which offers it.
    expect(await filesWith(home.root, secrets)).toEqual([home.tokenFile])

    await signIn(opencodeBinary, home, (code) => simulator.press("approve", code))
    expect((await ask(opencode)).text).toContain("42")
    expect(await filesWith(home.root, secrets)).toEqual([])
    expect(new Set(secrets).size).toBe(4)
  })

  it("after a sign-out the sign-in on this computer is offered, needs no browser and answers", async ({
    simulator,
    opencode,
  }) => {
    const { home } = opencode
    await signedIn(simulator, home)
    await logout(home)
    const before = (await simulator.log()).length
    const result = await login(home, HERE)

    expect(result.output).toContain("The sign-in on this computer is used; no browser is needed.")
    expect(result.output).toContain("Login successful")
    expect((await simulator.log()).slice(before)).toEqual([])
    expect((await readAuthEntry(home))?.access).toBe((await readTokenFile(home)).access_token)
    expect((await ask(opencode)).text).toContain("42")
  })

  it("an ended one is renewed first; one that is refused says so and leaves OpenCode signed out", async ({
    simulator,
    home,
  }) => {
    await signedIn(simulator, home)
    await moveExpiry(home, Date.now() - 1_000)
    await rm(home.authFile)
    expect((await login(home, HERE)).output).toContain("Login successful")
    expect(await simulator.refreshes()).toBe(1)
    expect((await readAuthEntry(home))?.refresh).toBe((await readTokenFile(home)).refresh_token)

    await moveExpiry(home, Date.now() - 1_000)
    await rm(home.authFile)
    await simulator.control("revoke-refresh-tokens")
    const refused = await login(home, HERE)
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

  it("offers what is on this computer as well", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await foundSignIn(simulator, qwenCodeFolder(home))
    const keys = [{ after: HERE, type: "\u0003" }]
    const { output } = await runInTerminal(`'${opencodeBinary}' auth login -p alibaba`, home, keys)

    expect(methodsOn(output)).toEqual([
      "Qwen Account (OAuth)",
      "Model Studio account (browser)",
      "Model Studio API key",
      HERE,
      QWEN_CODE,
    ])
  })

  it("two sign-ins at once, in two windows, do no harm", async ({ simulator, opencode }) => {
    const { home } = opencode
    const approve = (code: string) => simulator.press("approve", code)
    // OpenCode runs in this home already: it has made its database, over which two first starts at once can fail.
    const windows = await Promise.all([1, 2].map(() => signInOnScreen(home, SIGN_IN.slice(2), [], approve)))

    expect(windows.map(({ output }) => output.includes("Login successful"))).toEqual([true, true])
    expect(new Set(windows.map(({ output }) => userCodeOn(output))).size).toBe(2)
    await simulator.control("expire-tokens")
    expect((await ask(opencode)).text).toContain("42")
    expect(await simulator.refreshes()).toBe(1)
    expect((await readAuthEntry(home))?.refresh).toBe((await readTokenFile(home)).refresh_token)
  })
})

describe.skipIf(opencodeMissing)("removing ~/.opencode/qwen", () => {
  it("while signed in: OpenCode's own record stands in; after a sign-out nothing of the account is left", async ({
    simulator,
    opencode,
  }) => {
    const { home } = opencode
    await signedIn(simulator, home)
    const first = await readTokenFile(home)
    await rm(qwenFolder(home), { recursive: true })
    await simulator.control("expire-tokens")
    expect((await ask(opencode)).text).toContain("42")
    expect(await simulator.refreshes()).toBe(1)
    const renewed = await readTokenFile(home)
    expect(await readAuthEntry(home)).toMatchObject({ access: renewed.access_token, refresh: renewed.refresh_token })

    await rm(qwenFolder(home), { recursive: true })
    await logout(home)
    const secrets = [first, renewed].flatMap(({ access_token, refresh_token }) => [access_token, refresh_token])
    expect(await filesWith(home.root, secrets)).toEqual([])
  })

  it("while a renewal runs: the answer comes, and no token is lost", async ({ simulator, opencode }) => {
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

  it("during a sign-in: it succeeds, and both stores have it", async ({ simulator, home }) => {
    await mkdir(qwenFolder(home), { recursive: true })
    await writeFile(join(qwenFolder(home), "left-over"), "")
    const result = await signIn(opencodeBinary, home, async (code) => {
      await rm(qwenFolder(home), { recursive: true })
      await simulator.press("approve", code)
    })

    expect(result.output).toContain("Login successful")
    expect((await readTokenFile(home)).refresh_token).toBe((await readAuthEntry(home))?.refresh)
    expect((await stat(qwenFolder(home))).mode & 0o777).toBe(0o700)
  })
})

describe.skipIf(opencodeMissing)("Qwen Code's sign-in, found on this computer", () => {
  it("is used in its place, the choice is remembered, and it stays Qwen Code's after renewals", async ({
    simulator,
    opencode,
  }) => {
    const { home } = opencode
    const file = await foundSignIn(simulator, qwenCodeFolder(home))
    await mkdir(qwenFolder(home), { recursive: true })
    await writeFile(authConfig(home), '{"qwenMode": false}')
    const before = (await simulator.log()).length
    const result = await login(home, QWEN_CODE)

    expect(result.output).toContain("The sign-in on this computer is used; no browser is needed.")
    expect(result.output).toContain("Login successful")
    expect((await simulator.log()).slice(before)).toEqual([])
    expect(JSON.parse(await readFile(authConfig(home), "utf8"))).toEqual({ qwenMode: false, credentials: "qwen-code" })

    const { refresh_token } = await readSignIn(file)
    await simulator.control("expire-tokens")
    expect((await ask(opencode)).text).toContain("42")
    expect(await simulator.refreshes()).toBe(1)
    const renewed = await readSignIn(file)
    expect(renewed.refresh_token).not.toBe(refresh_token)
    expect((await readAuthEntry(home))?.refresh).toBe(renewed.refresh_token)
    await expect(stat(home.tokenFile)).rejects.toThrow("ENOENT")

    await expireOnDisk(file)
    const qwenCode = await startQwenCode({ origin: simulator.origin, folder: qwenCodeFolder(home) }, 10_000)
    expect((await qwenCode.use()).refreshed).toBe(true)
    await qwenCode.exit()
    expect((await ask(opencode)).text).toContain("42")
    expect(await simulator.refreshes()).toBe(2)
  })

  it("is found where QWEN_HOME says", async ({ simulator, home }) => {
    const QWEN_HOME = join(home.root, "qwen-home")
    const file = await foundSignIn(simulator, QWEN_HOME)
    expect((await login({ ...home, env: { ...home.env, QWEN_HOME } }, QWEN_CODE)).output).toContain("Login successful")
    expect((await readAuthEntry(home))?.access).toBe((await readSignIn(file)).access_token)
  })

  it("is not shared when the choice cannot be written down", async ({ simulator, home }) => {
    await foundSignIn(simulator, qwenCodeFolder(home))
    await mkdir(qwenFolder(home), { recursive: true })
    await writeFile(authConfig(home), '{"qwenMode": fals}')
    const result = await login(home, QWEN_CODE)

    expect(result.output).toContain(`The choice could not be written to ${authConfig(home)} (not a JSON object).`)
    expect(result.output).toContain("Correct or remove that file, then sign in again.")
    expect(result.output).not.toContain("Login successful")
    expect(await readFile(authConfig(home), "utf8")).toBe('{"qwenMode": fals}')
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })
})

async function foundSignIn(simulator: Simulator, folder: string): Promise<string> {
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
