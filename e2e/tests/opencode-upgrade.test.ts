import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { describe, expect } from "vitest"
import { configure } from "../harness/opencode/configuration.ts"
import { BUILT_PLUGIN, question, runOpenCode } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { openCodeLog } from "../harness/opencode/opencode-log.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it, readTokenFile, signedIn, writePrivately } from "../harness/opencode/with-opencode.ts"

/** Leaves the files of `opencode-qwen-cli-auth`: its own, and OpenCode's record, which it did not refresh. */
async function leaveFormerSignIn(home: ThrowawayHome): Promise<void> {
  const { access_token, refresh_token, resource_url, expiry_date: expires } = await readTokenFile(home)
  await writePrivately(home.tokenFile, {
    access_token,
    refresh_token,
    expires,
    resource_url: `https://${resource_url}`,
  })
  const record = { type: "oauth", access: "dead-access", refresh: "dead-refresh", expires: Date.now() - 3_600_000 }
  await writePrivately(home.authFile, { alibaba: record })
}

/** Lists `opencode-qwen-cli-auth` beside our plugin, as after a user added one and forgot the other. */
async function listFormerPackage(home: ThrowawayHome): Promise<void> {
  const file = join(home.root, "opencode-qwen-cli-auth", "dist", "index.js")
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, "export default { id: 'opencode-qwen-cli-auth', server: async () => ({}) }\n")
  await configure(home, { plugin: [pathToFileURL(file).href, BUILT_PLUGIN] })
}

describe.skipIf(opencodeMissing)("an upgrade from opencode-qwen-cli-auth", () => {
  it("keeps the sign-in, converts it at the next refresh, and warns once about the old package", async ({
    simulator,
    home,
  }) => {
    await signedIn(simulator, home)
    await leaveFormerSignIn(home)
    await listFormerPackage(home)
    const ask = async () => (await runOpenCode(home, question("What is 6 times 7?"))).output

    expect(await ask()).toContain("42")
    expect(await simulator.refreshes()).toBe(0)
    const warnings = (await openCodeLog(home)).match(/opencode-qwen-cli-auth is still in OpenCode's configuration/g)
    expect(warnings).toHaveLength(1)

    await simulator.control("expire-tokens")
    expect(await ask()).toContain("42")
    expect(await simulator.refreshes()).toBe(1)
    expect(await readFile(home.tokenFile, "utf8")).not.toContain('"expires"')
    expect((await readTokenFile(home)).expiry_date).toBeGreaterThan(Date.now())
    expect((await readdir(dirname(home.tokenFile))).filter((name) => name.includes("unusable"))).toEqual([])
  })
})
