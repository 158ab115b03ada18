import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { describe, expect } from "vitest"
import { BUILT_PLUGIN, question, runOpenCode, signIn } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import {
  createThrowawayHome,
  type HomeOptions,
  type ThrowawayHome,
  within,
} from "../harness/opencode/throwaway-home.ts"
import { it as base, readAuthEntry, writePrivately } from "../harness/opencode/with-opencode.ts"
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

describe.skipIf(opencodeMissing)("OpenCode that shares the sign-in with Qwen Code", () => {
  it("uses and refreshes Qwen Code's file in place with the plugin option", async ({ simulator, makeHome }) => {
    const home = await makeHome([BUILT_PLUGIN, { credentials: "qwen-code" }])
    const qwenHome = join(home.root, "qwen-home")
    const file = join(qwenHome, "oauth_creds.json")
    await signInTo(simulator, file)
    const expired = await expireOnDisk(file)
    await writeFile(file, JSON.stringify({ ...expired, id_token: "id-of-another-program" }))
    // OpenCode uses a plugin only if it has a record for the provider. The tokens in this one no longer work.
    const record = { alibaba: { type: "oauth", access: "dead", refresh: "dead", expires: 1 } }
    await writePrivately(home.authFile, record)
    const result = await runOpenCode(within(home, { QWEN_HOME: qwenHome }), question("What is 6 times 7?"))

    expect(result.stdout).toContain("42")
    expect(result.code).toBe(0)
    expect(await simulator.refreshes()).toBe(1)
    const { id_token, ...refreshed } = JSON.parse(await readFile(file, "utf8"))
    expect(id_token).toBe("id-of-another-program")
    expect(refreshed.refresh_token).not.toBe(expired.refresh_token)
    expect(refreshed.expiry_date).toBeGreaterThan(Date.now())
    expect(await readdir(qwenHome)).toEqual(["oauth_creds.json", "oauth_creds.json.lock"])
    expect(await readAuthEntry(home)).toMatchObject({
      access: refreshed.access_token,
      refresh: refreshed.refresh_token,
    })
    expect(existsSync(home.tokenFile)).toBe(false)
  })

  it("signs in to Qwen Code's file with auth-config.json", async ({ simulator, makeHome }) => {
    const home = await makeHome(BUILT_PLUGIN)
    await writePrivately(home.authConfigFile, { credentials: "qwen-code" })
    const result = await signIn(home, async () => {})

    expect(result.code).toBe(0)
    const stored = await readSignIn(join(home.env["HOME"] ?? "", ".qwen", "oauth_creds.json"))
    expect(stored.access_token).toBe((await readAuthEntry(home))?.access)
    expect(await readdir(dirname(home.authConfigFile))).toEqual(["auth-config.json"])
    expect(await simulator.refreshes()).toBe(0)
  })

  it("leaves Qwen Code's file alone by default", async ({ simulator, makeHome }) => {
    const home = await makeHome(BUILT_PLUGIN)
    const file = join(home.env["HOME"] ?? "", ".qwen", "oauth_creds.json")
    await mkdir(dirname(file))
    await writeFile(file, "of another program", { mode: 0o644 })
    const result = await signIn(home, async () => {})

    expect(result.code).toBe(0)
    expect(existsSync(home.tokenFile)).toBe(true)
    expect(await readFile(file, "utf8")).toBe("of another program")
    expect(await readdir(dirname(file))).toEqual(["oauth_creds.json"])
    expect(await simulator.refreshes()).toBe(0)
  })
})
