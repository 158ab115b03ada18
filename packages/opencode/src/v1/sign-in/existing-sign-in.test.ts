import { lstat, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { type FakePlatformOptions, START } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { refusal, renewal } from "qwen-auth-testing/managed"
import { json, networkError } from "qwen-auth-testing/replies"
import { credential, MINUTE, STARTED } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { accountEntry } from "../host/host-record.ts"
import { authorized } from "../testing/authorized.ts"
import { messageOf } from "../testing/message-of.ts"
import { leaveFile, leaveSignIn, qwenCodeFileIn, signInSetUp } from "../testing/sign-in-set-up.ts"
import { useExistingSignIn } from "./existing-sign-in.ts"
import { signInWithQwenAccount } from "./qwen-account-sign-in.ts"

const temporaryFolder = temporaryFolders()

const OWN = credential()
const QWEN_CODE = credential({ accessToken: "access-of-qwen-code", refreshToken: "refresh-of-qwen-code" })

interface SetUp extends FakePlatformOptions {
  readonly config?: string
  readonly options?: Readonly<Record<string, unknown>>
}

/** Creates a computer with both sign-ins. */
async function setUp({ config, ...options }: SetUp = {}) {
  const home = await temporaryFolder()
  const plugin = signInSetUp(home, { autoAdvance: false, ...options })
  const { settings, services } = plugin
  await leaveSignIn(settings.tokenFile, OWN)
  await leaveSignIn(qwenCodeFileIn(home), QWEN_CODE)
  if (config !== undefined) await leaveFile(settings.authConfigFile, config)
  return {
    ...plugin,
    home,
    start: (choice: "own" | "qwen-code") => authorized(useExistingSignIn(plugin.signIn, choice)),
    choice: async () => services.signIn.choice(),
    configNow: () => readFile(settings.authConfigFile, "utf8").catch(() => undefined),
  }
}

describe("the plugin's own sign-in, still there after a sign-out", () => {
  it("is used by OpenCode again without a browser or a network", async () => {
    const { start, platform, configNow } = await setUp()
    const { url, instructions, callback } = await start("own")
    expect([url, instructions]).toEqual(["", "The sign-in on this computer is used; no browser is needed."])
    expect(await callback()).toEqual({ type: "success", ...accountEntry(OWN) })
    expect(await callback()).toEqual(await callback())
    expect(platform.requests).toEqual([])
    expect(await configNow()).toBeUndefined()
  })

  it("replaces Qwen Code's, if that was chosen before", async () => {
    const { start, choice, configNow } = await setUp({ config: '{"credentials":"qwen-code","qwenMode":false}' })
    expect(await (await start("own")).callback()).toMatchObject({ access: "access-1" })
    expect(await choice()).toBe("own")
    expect(JSON.parse((await configNow()) ?? "")).toEqual({ credentials: "own", qwenMode: false })
  })
})

describe("Qwen Code's sign-in", () => {
  it("is shared immediately and after a restart", async () => {
    const { start, choice, configNow } = await setUp()
    expect(await (await start("qwen-code")).callback()).toEqual({ type: "success", ...accountEntry(QWEN_CODE) })
    expect(await choice()).toBe("qwen-code")
    expect(JSON.parse((await configNow()) ?? "")).toEqual({ credentials: "qwen-code" })
  })

  it("is not copied, and neither file is changed", async () => {
    const { start, home, settings } = await setUp()
    const files = [settings.tokenFile, qwenCodeFileIn(home)]
    const before = await Promise.all(files.map((path) => readFile(path, "utf8")))
    await (await start("qwen-code")).callback()
    expect(await Promise.all(files.map((path) => readFile(path, "utf8")))).toEqual(before)
  })

  it("leaves the other entries of auth-config.json as they are", async () => {
    const config = { $schema: "x", qwenMode: false, mine: [1, { two: 3 }], credentials: "own" }
    const { start, configNow } = await setUp({ config: JSON.stringify(config) })
    await start("qwen-code")
    expect(JSON.parse((await configNow()) ?? "")).toEqual({ ...config, credentials: "qwen-code" })
  })

  it("does not write auth-config.json when it already has the choice", async () => {
    const config = '{ "credentials": "qwen-code" }'
    const { start, configNow } = await setUp({ config })
    await start("qwen-code")
    expect(await configNow()).toBe(config)
  })

  it.skipIf(process.platform === "win32")(
    "is stored as the choice in a file that is private to the owner",
    async () => {
      const { start, settings } = await setUp()
      await start("qwen-code")
      expect((await stat(settings.authConfigFile)).mode & 0o777).toBe(0o600)
    },
  )

  it.each(["{", '{"qwenMode": true,}', "", "credentials: own", "[]", "null", '"own"'])(
    "is not used when auth-config.json is not a JSON object, which stays unchanged and is reported: %j",
    async (config) => {
      const { start, choice, configNow, settings } = await setUp({ config })
      expect(await messageOf(start("qwen-code"))).toBe(
        `The choice could not be written to ${settings.authConfigFile} (not a JSON object). ` +
          "Correct or remove that file, then sign in again.",
      )
      expect(await configNow()).toBe(config)
      expect(await choice()).toBe("own")
    },
  )

  it("is not used when the choice cannot be written, and the message says why", async () => {
    const { start, choice, settings, platform } = await setUp()
    const folder = dirname(settings.authConfigFile)
    await rm(folder, { recursive: true })
    await writeFile(folder, "mine")
    expect(await messageOf(start("qwen-code"))).toMatch(
      /^The choice could not be written to .*auth-config\.json \(E[A-Z]+\)\. Correct or remove that file, then sign in again\.$/,
    )
    expect(await choice()).toBe("own")
    expect(JSON.stringify(platform.logged)).not.toContain("-of-qwen-code")
  })

  it.skipIf(process.platform === "win32")("is stored as the choice through a symbolic link", async () => {
    const { start, home, settings } = await setUp()
    const kept = join(home, "dotfiles.json")
    await writeFile(kept, '{"qwenMode":false}')
    await symlink(kept, settings.authConfigFile)
    await start("qwen-code")
    expect(JSON.parse(await readFile(kept, "utf8"))).toEqual({ qwenMode: false, credentials: "qwen-code" })
    expect((await lstat(settings.authConfigFile)).isSymbolicLink()).toBe(true)
  })

  it("is used with an auth-config.json written by an editor on Windows", async () => {
    const { start, configNow } = await setUp({ config: '\uFEFF{"qwenMode":false}' })
    await (await start("qwen-code")).callback()
    expect(JSON.parse((await configNow()) ?? "")).toEqual({ qwenMode: false, credentials: "qwen-code" })
  })
})

it("the sign-in chosen last is used, however soon after the previous one", async () => {
  const { start } = await setUp()
  expect(await (await start("own")).callback()).toMatchObject({ access: "access-1" })
  expect(await (await start("qwen-code")).callback()).toMatchObject({ access: "access-of-qwen-code" })
})

describe("a sign-in whose token has expired or is about to expire", () => {
  it.each([5 * MINUTE - 1, -1])("is refreshed in its own file before use: %i ms left", async (leftMs) => {
    const { start, home, platform } = await setUp({ replies: [renewal(7)] })
    await leaveSignIn(qwenCodeFileIn(home), { ...QWEN_CODE, expiresAt: START + leftMs })
    expect(await (await start("qwen-code")).callback()).toMatchObject({ access: "access-7", refresh: "refresh-7" })
    expect(platform.requests.map(({ form }) => form["refresh_token"])).toEqual(["refresh-of-qwen-code"])
    expect(await readFile(qwenCodeFileIn(home), "utf8")).toContain("access-7")
  })

  it("is used as it is with 5 minutes left", async () => {
    const { start, settings, platform } = await setUp()
    await leaveSignIn(settings.tokenFile, { ...OWN, expiresAt: START + 5 * MINUTE })
    expect(await (await start("own")).callback()).toMatchObject({ access: "access-1" })
    expect(platform.requests).toEqual([])
  })

  it("is used as it is while the token is valid and cannot be refreshed now", async () => {
    const { start, settings } = await setUp({ rest: networkError() })
    await leaveSignIn(settings.tokenFile, { ...OWN, expiresAt: START + MINUTE })
    expect(await (await start("own")).callback()).toMatchObject({ access: "access-1" })
  })

  it("is used as it is with half of its lifetime left, if that is shorter than ten minutes", async () => {
    const { start, settings, platform } = await setUp()
    await leaveSignIn(settings.tokenFile, { ...OWN, expiresInS: 120, expiresAt: START + MINUTE })
    expect(await (await start("own")).callback()).toMatchObject({ access: "access-1" })
    expect(platform.requests).toEqual([])
  })

  it("reports that it can no longer be refreshed", async () => {
    const { start, settings } = await setUp({ rest: refusal })
    await leaveSignIn(settings.tokenFile, { ...OWN, expiresAt: START })
    expect(await messageOf(start("own"))).toMatch(/^Token refresh failed: .*Please run: opencode auth login$/)
  })
})

describe("a sign-in that cannot be used after all", () => {
  it("was removed meanwhile", async () => {
    const { start, settings } = await setUp()
    await rm(settings.tokenFile)
    expect(await messageOf(start("own"))).toBe(
      "The sign-in is no longer on this computer. Choose another way to sign in.",
    )
  })

  it("became unusable meanwhile", async () => {
    const { start, settings } = await setUp()
    await leaveFile(settings.tokenFile, "{")
    expect(await messageOf(start("own"))).toMatch(/does not hold a complete sign-in\. .*opencode auth login$/)
  })

  it.each([
    ["is gone", (path: string) => rm(path)],
    ["is dead", (path: string) => leaveSignIn(path, { ...QWEN_CODE, expiresAt: START })],
  ])("is not chosen for the next start: Qwen Code's %s", async (_, spoil) => {
    const { start, choice, configNow, home } = await setUp({ rest: refusal, autoAdvance: true })
    await spoil(qwenCodeFileIn(home))
    await messageOf(start("qwen-code"))
    expect(await configNow()).toBeUndefined()
    expect(await choice()).toBe("own")
  })
})

it("using an existing sign-in cancels the previous sign-in", async () => {
  const { start, signIn } = await setUp({ replies: [json(STARTED)] })
  const outcomes: string[] = []
  const { callback } = await authorized(signInWithQwenAccount(signIn))
  void messageOf(callback()).then((message) => outcomes.push(message))
  await (await start("own")).callback()
  await settle()
  expect(outcomes).toEqual(["Cancelled."])
})
