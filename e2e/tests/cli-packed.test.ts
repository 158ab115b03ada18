import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, it as check, describe, expect } from "vitest"
import { it, runWithInput } from "../harness/cli/command.ts"
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
