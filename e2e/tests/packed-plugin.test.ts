import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import * as v from "valibot"
import { afterAll, beforeAll, it as check, describe, expect } from "vitest"
import { REPOSITORY, runNpm } from "../harness/npm.ts"
import { question, runOpenCode } from "../harness/opencode.ts"
import { runProcess } from "../harness/run-process.ts"
import { createThrowawayHome } from "../harness/throwaway-home.ts"
import { it, opencodeBinary, opencodeMissing, signedIn } from "../harness/with-opencode.ts"

const PackReport = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.object({ filename: v.string(), unpackedSize: v.number(), files: v.array(v.object({ path: v.string() })) })),
)

let folder = ""
let packed: v.InferOutput<typeof PackReport>[number] | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "qwen-sign-in-pack-"))
  const args = ["pack", "--json", "--pack-destination", folder]
  const { stdout } = await runNpm(args, join(REPOSITORY, "packages", "opencode"))
  packed = v.parse(PackReport, stdout)[0]
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe("the packed plugin", () => {
  check("holds what a user needs and nothing else", () => {
    const files = packed?.files.map(({ path }) => path).sort()
    expect(files).toEqual(["LICENSE", "README.md", "dist/index.d.ts", "dist/index.js", "package.json"])
    expect(packed?.unpackedSize).toBeLessThan(100_000)
  })

  it.skipIf(opencodeMissing)("is loaded by OpenCode from the unpacked tarball", async ({ simulator }) => {
    const env = { PATH: process.env["PATH"] ?? "" }
    const tarball = packed?.filename ?? ""
    expect((await runProcess("tar", ["-xzf", tarball], { cwd: folder, env, timeoutMs: 20_000 })).code).toBe(0)
    const plugin = pathToFileURL(join(folder, "package")).href
    const home = await createThrowawayHome({ plugin, env: simulator.env })
    try {
      await signedIn(simulator, home)
      const result = await runOpenCode(opencodeBinary, home, question("What is 6 times 7?"))
      expect(result.stdout).toContain("42")
    } finally {
      await home.remove()
    }
  })
})

describe.skipIf(opencodeMissing)("the plugin in a person's configuration", () => {
  it("keeps the person's own entries and fills in the rest", async ({ simulator, home }) => {
    const mine = { name: "My coder", limit: { context: 1000, output: 500 } }
    const config = { plugin: [], provider: { alibaba: { models: { "coder-model": mine } } } }
    const existing = v.parse(
      v.pipe(v.string(), v.parseJson(), v.looseObject({})),
      await readFile(home.configFile, "utf8"),
    )
    await writeFile(home.configFile, JSON.stringify({ ...existing, ...config, plugin: existing["plugin"] }))
    await signedIn(simulator, home)
    const { stdout } = await runOpenCode(opencodeBinary, home, ["models", "alibaba", "--verbose"])

    expect(stdout).toMatch(/"name": "My coder"/)
    expect(stdout).toMatch(/"context": 1000,/)
    expect(stdout).toContain("alibaba/vision-model")
  })

  it("makes both models known without a sign-in", async ({ home }) => {
    const { stdout } = await runOpenCode(opencodeBinary, home, ["models", "alibaba"])

    expect(stdout).toContain("alibaba/coder-model")
    expect(stdout).toContain("alibaba/vision-model")
  })

  it("names a wrong address at the sign-in and leaves OpenCode working", async ({ home }) => {
    const wrong = { ...home, env: { ...home.env, QWEN_OAUTH_BASE_URL: "http://qwen.example" } }
    const login = await runOpenCode(opencodeBinary, wrong, [
      "auth",
      "login",
      "-p",
      "alibaba",
      "-m",
      "Qwen Account (OAuth)",
    ])
    const models = await runOpenCode(opencodeBinary, wrong, ["models", "alibaba"])

    expect(login.output).toContain('QWEN_OAUTH_BASE_URL "http://qwen.example" cannot be used. Use an https:// address')
    expect(models.code).toBe(0)
    expect(models.stdout).toContain("alibaba/coder-model")
  })

  it("takes addresses from the plugin's options", async ({ simulator }) => {
    const options = { oauthBaseUrl: simulator.origin, apiBaseUrl: `${simulator.origin}/v1` }
    const plugin = pathToFileURL(join(REPOSITORY, "packages", "opencode", "dist", "index.js")).href
    const home = await createThrowawayHome({ plugin: [plugin, options] })
    try {
      await signedIn(simulator, home)
      expect((await runOpenCode(opencodeBinary, home, question("What is 6 times 7?"))).stdout).toContain("42")
    } finally {
      await home.remove()
    }
  })
})
