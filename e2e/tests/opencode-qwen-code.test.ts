import { access, mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { describe, expect } from "vitest"
import { BUILT_PLUGIN, question, runOpenCode, signIn } from "../harness/opencode/opencode.ts"
import { createThrowawayHome, type HomeOptions, type ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it as base, opencodeBinary, opencodeMissing, readAuthEntry } from "../harness/opencode/with-opencode.ts"
import { expireOnDisk, readSignIn, signInTo } from "../harness/shared/stored-sign-in.ts"

const it = base.extend<{ makeHome: (plugin: HomeOptions["plugin"]) => Promise<ThrowawayHome> }>({
  makeHome: async ({ simulator }, use) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    const homes: ThrowawayHome[] = []
    await use(async (plugin) => {
      const home = await createThrowawayHome({ plugin, env: simulator.env })
      homes.push(home)
      return home
    })
    await Promise.all(homes.map((home) => home.remove()))
  },
})

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

describe.skipIf(opencodeMissing)("OpenCode that shares the sign-in with Qwen Code", () => {
  it("uses and renews Qwen Code's file in place, by the plugin option", async ({ simulator, makeHome }) => {
    const home = await makeHome([BUILT_PLUGIN, { credentials: "qwen-code" }])
    const qwenHome = join(home.root, "qwen-home")
    const file = join(qwenHome, "oauth_creds.json")
    await signInTo(simulator, file)
    const expired = await expireOnDisk(file)
    await writeFile(file, JSON.stringify({ ...expired, id_token: "id-of-another-program" }))
    // OpenCode asks plugins only where it has a record of its own. This one is long dead.
    const record = { alibaba: { type: "oauth", access: "dead", refresh: "dead", expires: 1 } }
    await mkdir(dirname(home.authFile), { recursive: true })
    await writeFile(home.authFile, JSON.stringify(record), { mode: 0o600 })
    const result = await runOpenCode(
      opencodeBinary,
      { ...home, env: { ...home.env, QWEN_HOME: qwenHome } },
      question("What is 6 times 7?"),
    )

    expect(result.stdout).toContain("42")
    expect(result.code).toBe(0)
    expect(await simulator.refreshes()).toBe(1)
    const { id_token, ...renewed } = JSON.parse(await readFile(file, "utf8"))
    expect(id_token).toBe("id-of-another-program")
    expect(renewed.refresh_token).not.toBe(expired.refresh_token)
    expect(renewed.expiry_date).toBeGreaterThan(Date.now())
    expect(await readdir(qwenHome)).toEqual(["oauth_creds.json", "oauth_creds.json.lock"])
    expect(await readAuthEntry(home)).toMatchObject({ access: renewed.access_token, refresh: renewed.refresh_token })
    expect(await exists(home.tokenFile)).toBe(false)
  })

  it("signs in to Qwen Code's file, by auth-config.json", async ({ simulator, makeHome }) => {
    const home = await makeHome(BUILT_PLUGIN)
    const folder = dirname(home.tokenFile)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, "auth-config.json"), '{"credentials": "qwen-code"}')
    const result = await signIn(opencodeBinary, home, async () => {})

    expect(result.code).toBe(0)
    const stored = await readSignIn(join(home.env["HOME"] ?? "", ".qwen", "oauth_creds.json"))
    expect(stored.access_token).toBe((await readAuthEntry(home))?.access)
    expect(await readdir(folder)).toEqual(["auth-config.json"])
    expect(await simulator.refreshes()).toBe(0)
  })

  it("leaves Qwen Code's file alone unless told to", async ({ simulator, makeHome }) => {
    const home = await makeHome(BUILT_PLUGIN)
    const file = join(home.env["HOME"] ?? "", ".qwen", "oauth_creds.json")
    await mkdir(dirname(file))
    await writeFile(file, "of another program", { mode: 0o644 })
    const result = await signIn(opencodeBinary, home, async () => {})

    expect(result.code).toBe(0)
    expect(await exists(home.tokenFile)).toBe(true)
    expect(await readFile(file, "utf8")).toBe("of another program")
    expect(await readdir(dirname(file))).toEqual(["oauth_creds.json"])
    expect(await simulator.refreshes()).toBe(0)
  })
})
