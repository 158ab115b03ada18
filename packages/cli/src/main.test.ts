import { spawnSync } from "node:child_process"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { version } from "../package.json" with { type: "json" }
import { COMMANDS } from "./commands/commands.ts"
import { main } from "./main.ts"
import { fakeWorld } from "./testing/fake-world.ts"

const temporaryFolder = temporaryFolders()

async function run(...args: string[]) {
  const world = fakeWorld(await temporaryFolder())
  return { status: await world.run(...args), ...world.written }
}

describe("the command", () => {
  it("shows its help, its version and its commands", async () => {
    const help = await run("--help")
    expect(help.status).toBe(0)
    for (const { name, summary } of COMMANDS)
      expect(help.stdout).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 9)}`, "m"))
    expect(await run("help")).toEqual(help)
    expect(await run("--version")).toMatchObject({ status: 0, stdout: `${version}\n` })
  })

  it("shows its help on standard error when it is called without a command", async () => {
    expect(await run()).toMatchObject({ status: 64, stdout: "", stderr: (await run("--help")).stdout })
  })

  it.each(COMMANDS.map(({ name }) => name))("has help whose examples use existing options: %s", async (name) => {
    const { status, stdout } = await run(name, "--help")
    expect(status).toBe(0)
    expect(stdout).toMatch(new RegExp(`Usage: qwen-auth ${name}[^]*\nExamples:\n  .*qwen-auth ${name}`))
    expect(await run("help", name)).toMatchObject({ stdout })
    const command = COMMANDS.find((each) => each.name === name)
    const used = (command?.examples ?? []).flatMap(([example]) => example.match(/ --[a-z-]+/g) ?? [])
    for (const option of used) expect(stdout).toContain(option)
  })

  it.each([
    ["an unknown command", ["statsu"], /There is no command "statsu". Did you mean status\? Run: qwen-auth --help/],
    ["an empty command", [""], /There is no command "". Run: qwen-auth --help/],
    ["an unknown option", ["status", "--nonsense"], /'--nonsense'.*Run: qwen-auth status --help/],
    ["a superfluous argument", ["status", "x"], /takes fewer arguments/],
    ["a missing argument", ["setup"], /An argument is missing/],
    ["an invalid argument", ["setup", "vim"], /must be one of: opencode, alma/],
    ["an invalid value", ["login", "--key", "--plan", "gold"], /--plan must be one of: coding-plan/],
    ["a missing value", ["login", "--found"], /--found/],
    [
      "a value like an option",
      ["serve", "--port", "-1"],
      /'--port' argument is ambiguous\. Run: qwen-auth serve --help/,
    ],
  ])("refuses %s in one line with status 64", async (_, args, message) => {
    const { status, stderr } = await run(...args)
    expect(status).toBe(64)
    expect(stderr).toMatch(message)
    expect(stderr.trim().split("\n")).toHaveLength(1)
  })

  it("reports an address that cannot be used, without a stack", async () => {
    const world = fakeWorld(await temporaryFolder(), { environment: { QWEN_OAUTH_BASE_URL: "http://qwen.example" } })
    expect(await world.run("status")).toBe(1)
    expect(world.written.stderr).toMatch(
      /^qwen-auth: QWEN_OAUTH_BASE_URL "http:\/\/qwen\.example" cannot be used\..*\n$/,
    )
  })
})

describe("an unexpected error", () => {
  const failing = async (...args: string[]) => {
    const world = fakeWorld(await temporaryFolder())
    const error = Object.assign(new Error("no space left for sk-secret"), { code: "ENOSPC" })
    const status = await main(args, world, () => Promise.reject(error))
    return { status, ...world.written }
  }

  it("is reported in one line without its message and its stack", async () => {
    const { status, stdout, stderr } = await failing("status")
    expect([status, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(/^qwen-auth: The command failed \(ENOSPC\)\. Run: qwen-auth doctor.*\n$/)
    expect(stderr).not.toContain("sk-secret")
  })

  it("is reported with its stack with --verbose, still without its message", async () => {
    const { stderr } = await failing("status", "--verbose")
    expect(stderr).toMatch(/\n +at .*main\.test\.ts/)
    expect(stderr).not.toContain("sk-secret")
  })
})

describe("completion", () => {
  it.each(["bash", "zsh", "fish"])("prints a script for %s with all commands and options", async (shell) => {
    const { status, stdout } = await run("completion", shell)
    expect(status).toBe(0)
    for (const { name, options } of COMMANDS) {
      expect(stdout).toContain(name)
      for (const option of options) expect(stdout).toContain(option.name)
    }
  })

  const bash = spawnSync("bash", ["--version"]).status === 0
  it.skipIf(!bash).each([
    ["", "login", "status"],
    ["lo", "login", "logout"],
    ["setup ", "opencode", "alma"],
    ["login --plan ", "coding-plan", "token-plan"],
    ["login --pl", "--plan", "--plan"],
  ])("completes %j in bash", async (line, ...expected) => {
    const { stdout } = await run("completion", "bash")
    const typed = ["qwen-auth", ...line.split(" ")]
    const script = `${stdout}\nCOMP_WORDS=(${typed.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${typed.length - 1}; _qwen_auth; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout: completed } = spawnSync("bash", ["-c", script], { encoding: "utf8" })
    expect(completed.split("\n")).toEqual(expect.arrayContaining(expected))
  })
})
