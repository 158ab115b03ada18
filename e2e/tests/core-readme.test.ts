import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { REPOSITORY } from "../harness/shared/repository.ts"
import { runProcess } from "../harness/shared/run-process.ts"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"

let simulator: SimulatorProcess
let folder: string

beforeAll(async () => {
  simulator = await startSimulator()
  // Inside the repository, so that "qwen-auth-core" is found as in a program that installed it.
  const cache = join(REPOSITORY, "node_modules", ".cache")
  await mkdir(cache, { recursive: true })
  folder = await mkdtemp(join(cache, "core-readme-"))
})

afterAll(async () => {
  simulator.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The program in the README, with a path that a test may write to. */
async function example(): Promise<string> {
  const readme = await readFile(join(REPOSITORY, "packages", "core", "README.md"), "utf8")
  const [, program = ""] = /```js\n(.*?)```/s.exec(readme) ?? []
  return program.replace("/home/me", folder)
}

it("has an example that works with one import", async () => {
  const program = await example()
  expect(program.match(/^import /gm)).toHaveLength(1)
  await writeFile(join(folder, "example.mjs"), program)
  // The simulator plays Qwen's two hosts. The example does everything else.
  const origin = JSON.stringify(simulator.origin)
  const preload = `
    const real = globalThis.fetch
    globalThis.fetch = async (url, init) => {
      const response = await real(String(url).replace(/^https:\\/\\/(chat|portal)\\.qwen\\.ai/, ${origin}), init)
      if (!String(url).endsWith("/device/code")) return response
      return new Response((await response.text()).replaceAll(${origin}, "https://chat.qwen.ai"), response)
    }`
  await writeFile(join(folder, "preload.mjs"), preload)
  await simulator.control("scenario", { deviceCode: { intervalS: 1, autoApprove: true }, token: { resourceUrl: null } })

  const args = ["--import", join(folder, "preload.mjs"), join(folder, "example.mjs")]
  const { code, stdout, output } = await runProcess(process.execPath, args, { cwd: folder, env: {}, timeoutMs: 60_000 })
  expect([code, output]).toEqual([0, output])
  expect(stdout).toMatch(/Open \S+ and check that it shows \w+/)
  expect(stdout).toContain("6 times 7 = 42")
})

it("has an example that is type-checked", async () => {
  await writeFile(join(folder, "example.ts"), await example())
  const options = { target: "ES2022", module: "ESNext", moduleResolution: "bundler", strict: true, noEmit: true }
  const compilerOptions = { ...options, lib: ["ES2023", "DOM"], types: [], skipLibCheck: true }
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["example.ts"] }))
  const tsc = join(REPOSITORY, "node_modules", "typescript", "bin", "tsc")
  const { code, output } = await runProcess(process.execPath, [tsc, "-p", folder], {
    cwd: folder,
    env: {},
    timeoutMs: 120_000,
  })
  expect([code, output]).toEqual([0, ""])
})

it("describes a library with a small public surface, without the types of a dependency", async () => {
  const types = await readFile(join(REPOSITORY, "packages", "core", "dist", "index.d.ts"), "utf8")
  const [, names = ""] = /^export \{(.*)\};?$/m.exec(types) ?? []
  expect(names.split(",").length).toBeGreaterThan(20)
  expect(names.split(",").length).toBeLessThanOrEqual(36)
  expect(types.split("\n").length).toBeLessThanOrEqual(600)
  expect(types.match(/^import .*$/gm) ?? []).toEqual([])
})
