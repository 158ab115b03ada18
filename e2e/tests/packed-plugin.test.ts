import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, it as check, describe, expect } from "vitest"
import { configure } from "../harness/opencode/configuration.ts"
import { listedModels } from "../harness/opencode/listed-models.ts"
import { BUILT_PLUGIN, question, runOpenCode, SIGN_IN, signIn } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { startPackageRegistry } from "../harness/opencode/package-registry.ts"
import { createThrowawayHome, within } from "../harness/opencode/throwaway-home.ts"
import { it, signedIn } from "../harness/opencode/with-opencode.ts"
import { type PackedPackage, packPackage } from "../harness/shared/packed-package.ts"
import { REPOSITORY } from "../harness/shared/repository.ts"
import { runProcess } from "../harness/shared/run-process.ts"

let folder = ""
let packed: PackedPackage

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "qwen-sign-in-pack-"))
  packed = await packPackage("opencode", folder)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const DIST = join(REPOSITORY, "packages", "opencode", "dist")

/** The code of files and of their static imports, by file name. */
async function readAtStart(names: readonly string[], files = new Map<string, string>()): Promise<Map<string, string>> {
  for (const name of names.filter((each) => !files.has(each))) {
    const code = await readFile(join(DIST, name), "utf8")
    files.set(name, code)
    const imported = [...code.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+)["']/g)].map(([, file = ""]) => file)
    await readAtStart(imported, files)
  }
  return files
}

describe("the packed plugin", () => {
  check("contains only the files that a user needs", () => {
    const chunk =
      /^dist\/(index|opencode-[12]|plugin|directory|both\d*|key-models|find-model|catalogue|json-syntax|log-files)\.js$/
    const others = ["LICENSE", "README.md", "auth-config.schema.json", "dist/index.d.ts", "package.json"]
    expect(packed.files.filter((file) => !chunk.test(file))).toEqual(others)
    expect(packed.files).toEqual(
      expect.arrayContaining([
        "dist/index.js",
        "dist/opencode-1.js",
        "dist/opencode-2.js",
        "dist/plugin.js",
        "dist/directory.js",
        "dist/key-models.js",
      ]),
    )
    expect(packed.unpackedBytes).toBeLessThan(235_000)
  })

  check.each(["opencode-1.js", "opencode-2.js"])("has a small start: index.js and %s", async (line) => {
    const entry = await readFile(join(DIST, "index.js"), "utf8")
    expect(entry).toContain(`import(\`./${line}\`)`)
    const files = await readAtStart(["index.js", line])
    expect([...files.keys()]).toEqual(["index.js", line])
    const bytes = [...files.values()].reduce((sum, code) => sum + Buffer.byteLength(code), 0)
    expect(bytes).toBeLessThanOrEqual(20_000)
  })

  check("contains the catalogue once, in a file that OpenCode does not read at its start", async () => {
    const holders: string[] = []
    for (const file of packed.files.filter((path) => path.endsWith(".js"))) {
      const code = await readFile(join(REPOSITORY, "packages", "opencode", file), "utf8")
      if (code.includes("qwen3-coder-next|")) holders.push(file)
    }
    expect(holders).toHaveLength(1)
    expect(holders[0]).toMatch(/^dist\/(key-models|catalogue)\.js$/)
  })

  it.skipIf(opencodeMissing)("is installed by OpenCode from a registry", async ({ simulator }) => {
    const registry = await startPackageRegistry(packed.tarball, join(DIST, "..", "package.json"))
    const env = { ...simulator.env, NPM_CONFIG_REGISTRY: registry.url }
    const home = await createThrowawayHome({ plugin: "opencode-alibaba-qwen-cli-auth", env })
    try {
      const login = await signIn(home, (code) => simulator.press("approve", code))
      expect(login.output).toContain("Login successful")
      const answer = await runOpenCode(home, question("What is 6 times 7?"))
      expect(answer.stdout).toContain("42")
      expect(registry.paths.filter((path) => path.endsWith(".tgz"))).toHaveLength(1)
    } finally {
      await home.remove()
      await registry.close()
    }
  })

  it.skipIf(opencodeMissing)("is loaded by OpenCode from the unpacked tarball", async ({ simulator }) => {
    const env = { PATH: process.env["PATH"] ?? "" }
    const { tarball } = packed
    expect((await runProcess("tar", ["-xzf", tarball], { cwd: folder, env, timeoutMs: 20_000 })).code).toBe(0)
    const plugin = pathToFileURL(join(folder, "package")).href
    const home = await createThrowawayHome({ plugin, env: simulator.env })
    try {
      await signedIn(simulator, home)
      const result = await runOpenCode(home, question("What is 6 times 7?"))
      expect(result.stdout).toContain("42")
    } finally {
      await home.remove()
    }
  })
})

describe.skipIf(opencodeMissing)("the plugin in a user's configuration", () => {
  it("keeps the user's own entries and adds the rest", async ({ simulator, home }) => {
    const mine = { name: "My coder", limit: { context: 1000, output: 500 } }
    await configure(home, { provider: { alibaba: { models: { "coder-model": mine } } } })
    await signedIn(simulator, home)
    const models = await listedModels(home)

    expect(models.get("coder-model")?.facts).toMatchObject({ name: "My coder", limit: { context: 1000, output: 500 } })
    expect(models.has("vision-model")).toBe(true)
  })

  it("lists both models without a sign-in", async ({ home }) => {
    const { stdout } = await runOpenCode(home, ["models", "alibaba"])

    expect(stdout).toContain("alibaba/coder-model")
    expect(stdout).toContain("alibaba/vision-model")
  })

  it("names a wrong address at the sign-in and does not break OpenCode", async ({ home }) => {
    const wrong = within(home, { QWEN_OAUTH_BASE_URL: "http://qwen.example" })
    const login = await runOpenCode(wrong, SIGN_IN)
    const models = await runOpenCode(wrong, ["models", "alibaba"])

    expect(login.output).toContain('QWEN_OAUTH_BASE_URL "http://qwen.example" cannot be used. Use an https:// address')
    expect(models.code).toBe(0)
    expect(models.stdout).toContain("alibaba/coder-model")
  })

  it("uses the addresses in the plugin's options", async ({ simulator }) => {
    const options = { oauthBaseUrl: simulator.origin, apiBaseUrl: `${simulator.origin}/v1` }
    const home = await createThrowawayHome({ plugin: [BUILT_PLUGIN, options] })
    try {
      await signedIn(simulator, home)
      expect((await runOpenCode(home, question("What is 6 times 7?"))).stdout).toContain("42")
    } finally {
      await home.remove()
    }
  })
})
