import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import * as v from "valibot"
import { describe, expect } from "vitest"
import { BUILT_PLUGIN, question, runOpenCode } from "../harness/opencode/opencode.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import {
  it,
  opencodeBinary,
  opencodeMissing,
  readTokenFile,
  signedIn,
  writePrivately,
} from "../harness/opencode/with-opencode.ts"

const Config = v.pipe(v.string(), v.parseJson(), v.looseObject({}))

/** What `opencode-qwen-cli-auth` left: its file, and OpenCode's record, which it did not renew. */
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

/** Lists `opencode-qwen-cli-auth` beside our plugin, as a person does who adds one and forgets the other. */
async function listFormerPackage(home: ThrowawayHome): Promise<void> {
  const file = join(home.root, "opencode-qwen-cli-auth", "dist", "index.js")
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, "export default { id: 'opencode-qwen-cli-auth', server: async () => ({}) }\n")
  const config = v.parse(Config, await readFile(home.configFile, "utf8"))
  const plugin = [pathToFileURL(file).href, BUILT_PLUGIN]
  await writeFile(home.configFile, JSON.stringify({ ...config, plugin }))
}

const openCodeLog = (home: ThrowawayHome) =>
  readFile(join(home.root, "data", "opencode", "log", "opencode.log"), "utf8")

describe.skipIf(opencodeMissing)("coming from opencode-qwen-cli-auth", () => {
  it("keeps the sign-in, in our form after the next renewal, and says once that it must go", async ({
    simulator,
    home,
  }) => {
    await signedIn(simulator, home)
    await leaveFormerSignIn(home)
    await listFormerPackage(home)
    const ask = async () => (await runOpenCode(opencodeBinary, home, question("What is 6 times 7?"))).output

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
