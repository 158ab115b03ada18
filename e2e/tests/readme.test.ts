import { mkdir, readdir, readFile, symlink } from "node:fs/promises"
import { join } from "node:path"
import { it as check, describe, expect } from "vitest"
import { browserUser } from "../harness/opencode/opencode.ts"
import { opencodeBinary, opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { runInTerminal, terminalMissing } from "../harness/opencode/terminal.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it, readAuthEntry } from "../harness/opencode/with-opencode.ts"
import { runNpm } from "../harness/shared/npm.ts"
import { readmeCommands } from "../harness/shared/readme-commands.ts"
import { REPOSITORY } from "../harness/shared/repository.ts"
import { runProcess } from "../harness/shared/run-process.ts"

describe("README", () => {
  check("names commands that CI or another test runs", async () => {
    const ci = await readFile(join(REPOSITORY, ".ci", "run"), "utf8")
    const commands = await readmeCommands("README.md")

    expect(commands.slice(0, 2)).toEqual(["npm start", "npm test"])
    // main-job.test.ts runs --manual until the user has to approve. cli-readme.test.ts runs the command.
    const tested = commands.filter((command) => command !== "npm start -- --manual" && !command.startsWith("node "))
    expect(tested.filter((command) => !new RegExp(`^(?:step )?${command}( |$)`, "m").test(ci))).toEqual([])
  })

  check("describes what npm start shows", async () => {
    const { code, stdout } = await runNpm(["start", "--", "--library"])

    expect(code).toBe(0)
    expect(stdout).toContain("6 times 7 = 42")
  })
})

describe.skipIf(opencodeMissing || terminalMissing)("the plugin's README", () => {
  it("has commands that work word for word", async ({ simulator, home }) => {
    const user = await withOpenCodeOnPath(home)
    const [login, directLogin, run, models, loginInOpenCode2, logged, logout, clear, ...others] =
      await readmeCommands("packages/opencode/README.md")
    const approve = () => browserUser((code) => simulator.press("approve", code)).watch
    const shell = (command = "") =>
      runProcess("/bin/sh", ["-c", command], { cwd: home.project, env: user.env, timeoutMs: 150_000 })
    expect(others).toEqual([])
    // OpenCode 2 is not available here. The tests in its contract host sign in with this method.
    expect(loginInOpenCode2).toBe("opencode auth login alibaba --method oauth")

    const menu = [
      { after: "Search:", type: "Alibaba" },
      { after: "6 matches", type: "\r" },
      { after: "Login method", type: "\r" },
    ]
    expect((await runInTerminal(login ?? "", user, menu, approve())).output).toContain("Login successful")
    const first = await readAuthEntry(home)
    expect((await runInTerminal(directLogin ?? "", user, [], approve())).output).toContain("Login successful")
    expect((await readAuthEntry(home))?.access).not.toBe(first?.access)

    expect((await shell(run)).code).toBe(0)
    expect(await readFile(join(home.project, "hello.txt"), "utf8")).toMatch(/hello,? world/i)
    expect((await shell(models)).stdout).toContain("alibaba/coder-model")
    expect((await shell(logged)).code).toBe(0)
    const logs = await readdir(join(home.root, "home", ".opencode", "logs", "qwen-plugin"))
    expect(logs).toContain("debug.log")
    expect(logs.filter((name) => name.endsWith(".json")).length).toBeGreaterThan(0)

    expect((await shell(logout)).output).toContain("Logout successful")
    expect((await shell(clear)).code).toBe(0)
    expect((await shell(run)).output).toContain("Authentication required. Please run: opencode auth login")
  })
})

describe("the plugins' READMEs", () => {
  check.each([
    ["opencode", "**Logs.**"],
    ["alma", "## What we assume"],
  ])("quote messages of the plugin word for word: %s", async (plugin, after) => {
    const text = await readFile(join(REPOSITORY, "packages", plugin, "README.md"), "utf8")
    const table = text.slice(text.indexOf("| message | what to do |"), text.indexOf(after))
    const quoted = [...table.matchAll(/^\| (`.+?`) \|/gm)].map(([, messages]) => messages ?? "")
    const pieces = quoted.flatMap((messages) => messages.split(/[`…"]|(?<=[.):]) |(?<= plugin) /))
    const sources = await productSources()
    const unknown = pieces.map((piece) => piece.trim()).filter((piece) => piece.split(" ").length > 2)
    expect(quoted.length).toBeGreaterThan(10)
    expect(unknown.filter((piece) => !sources.includes(piece))).toEqual([])
  })
})

/** The sources of the product, with `…` for each inserted value. */
async function productSources(): Promise<string> {
  const packages = join(REPOSITORY, "packages")
  const files = await readdir(packages, { recursive: true })
  const sources = files.filter((path) => /^(alma|core|local|opencode)[\\/]src[\\/].*(?<!\.test)\.ts$/.test(path))
  const texts = await Promise.all(sources.map((path) => readFile(join(packages, path), "utf8")))
  return texts.join("\n").replaceAll(/\$\{[^}]*\}/g, "…")
}

/** A home whose shell finds `opencode`. */
async function withOpenCodeOnPath(home: ThrowawayHome): Promise<ThrowawayHome> {
  const bin = join(home.root, "bin")
  await mkdir(bin)
  await symlink(opencodeBinary, join(bin, "opencode"))
  return { ...home, env: { ...home.env, PATH: `${bin}:${home.env["PATH"]}` } }
}
