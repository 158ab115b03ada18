import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as v from "valibot"
import { afterAll, beforeAll, it as check, describe, expect } from "vitest"
import { it, runWithInput } from "../harness/cli/command.ts"
import { runNpm } from "../harness/shared/npm.ts"
import { REPOSITORY } from "../harness/shared/repository.ts"

const Packed = v.pipe(
  v.string(),
  v.parseJson(),
  v.tuple([
    v.looseObject({
      filename: v.string(),
      unpackedSize: v.number(),
      files: v.array(v.looseObject({ path: v.string() })),
    }),
  ]),
)

let folder = ""
let packed: v.InferOutput<typeof Packed>[0]
let bin = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "qwen-auth-pack-"))
  const { stdout } = await runNpm(["pack", "--json", "--pack-destination", folder], join(REPOSITORY, "packages", "cli"))
  packed = v.parse(Packed, stdout)[0]
  const prefix = join(folder, "prefix")
  await mkdir(prefix)
  const tarball = join(folder, packed.filename)
  const installed = await runNpm(["install", "--global", "--offline", "--prefix", prefix, tarball], folder)
  expect(installed.output).not.toContain("npm error")
  bin = join(prefix, "bin", "qwen-auth")
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe("the packed command", () => {
  check("holds the command, Alma's folder and what a user reads, without dependencies", async () => {
    const paths = packed.files.map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json", "dist/qwen-auth.js"]))
    expect(paths).toContain("dist/alma/qwen-auth/main.js")
    expect(
      paths.filter((path) => !/^(LICENSE|README\.md|package\.json|dist\/(alma\/qwen-auth\/)?[\w.-]+)$/.test(path)),
    ).toEqual([])
    expect(packed.unpackedSize).toBeLessThan(700_000)
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
