import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import * as v from "valibot"
import { afterAll, beforeAll, it as check, describe, expect } from "vitest"
import { COMMAND, it, runWithInput } from "../harness/cli/command.ts"
import { runNpm } from "../harness/shared/npm.ts"
import { type PackedPackage, packPackage } from "../harness/shared/packed-package.ts"

let folder = ""
let packed: PackedPackage
let bin = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "qwen-auth-pack-"))
  packed = await packPackage("cli", folder)
  const prefix = join(folder, "prefix")
  await mkdir(prefix)
  const installed = await runNpm(["install", "--global", "--offline", "--prefix", prefix, packed.tarball], folder)
  expect(installed.output).not.toContain("npm error")
  bin = join(prefix, "bin", "qwen-auth")
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs the command and prints the files that it has loaded at its end. */
const LIST_LOADED = `process.on("exit", () => process.stderr.write(JSON.stringify(Object.keys(require.cache))));
  require(process.argv[1])`
const FileNames = v.pipe(v.string(), v.parseJson(), v.array(v.string()))

describe("the packed command", () => {
  check("contains the command, Alma's folder and the texts for users, and has no dependencies", async () => {
    const paths = packed.files
    expect(paths).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json", "dist/qwen-auth.js"]))
    expect(paths).toContain("dist/alma/qwen-auth/main.js")
    expect(
      paths.filter((path) => !/^(LICENSE|README\.md|package\.json|dist\/(alma\/qwen-auth\/)?[\w.-]+)$/.test(path)),
    ).toEqual([])
    expect(packed.unpackedBytes).toBeLessThan(700_000)
    expect(await readdir(join(folder, "prefix", "lib", "node_modules"))).toEqual(["qwen-auth"])
  })

  it("has a small start: --help, status and a token that needs no refresh", async ({ home }) => {
    await mkdir(dirname(home.tokenFile), { recursive: true, mode: 0o700 })
    const stored = { access_token: "access-1", refresh_token: "refresh-1", expiry_date: Date.UTC(2100, 0) }
    await writeFile(home.tokenFile, JSON.stringify(stored), { mode: 0o600 })
    const loadedBy = async (command: string) => {
      const args = ["-e", LIST_LOADED, COMMAND, command]
      const { stderr } = await runWithInput(process.execPath, args, "", home.path, home.env)
      return v.parse(FileNames, stderr).map((path) => basename(path))
    }
    const start = ["main.js", "qwen-auth.js", "rolldown-runtime.js"]
    expect((await loadedBy("--help")).sort()).toEqual(start)
    const reading = [...start, "status-token.js", "this-world.js"]
    expect((await loadedBy("status")).sort()).toEqual(reading)
    expect((await loadedBy("token")).sort()).toEqual(reading)
    expect((await stat(join(dirname(COMMAND), "status-token.js"))).size).toBeLessThan(60_000)
  })

  it("works from an empty prefix: sign-in, status, token, setup, logout", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    const run = (...args: string[]) => runWithInput(bin, args, "", home.path, home.env)
    expect((await run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await run("login", "--account")).code).toBe(0)
    expect((await run("status", "--check")).code).toBe(0)
    expect((await run("token")).stdout).toMatch(/^\S{20,}\n$/)
    expect((await run("models")).stdout).toContain("coder-model")
    expect((await run("exec", "--", "/bin/sh", "-c", 'test -n "$OPENAI_BASE_URL"')).code).toBe(0)
    expect((await run("setup", "opencode")).code).toBe(0)
    const config = await readFile(join(home.path, ".config", "opencode", "opencode.json"), "utf8")
    expect(config).toContain("opencode-alibaba-qwen-cli-auth")
    expect((await run("setup", "alma")).code).toBe(0)
    expect((await run("logout")).code).toBe(0)
    expect((await run("status")).code).toBe(1)
  })
})
