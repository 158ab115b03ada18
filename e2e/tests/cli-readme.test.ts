import { spawnSync } from "node:child_process"
import { mkdir, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect } from "vitest"
import { COMMAND, it, runWithInput } from "../harness/cli/command.ts"
import { readmeCommands } from "../harness/shared/readme-commands.ts"
import { REPOSITORY } from "../harness/shared/repository.ts"

const KEY = "sk-sp-the-key-in-the-file"

/** The commands with another status than 0: the test has no terminal, and the service's real hosts cannot be reached. */
const STATUS: Readonly<Record<string, number>> = {
  "qwen-auth login": 64,
  "qwen-auth login --key-stdin < key.txt": 2,
}

const bash = spawnSync("bash", ["--version"]).status === 0

describe.skipIf(!bash)("the commands in the READMEs", () => {
  it("work word for word", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    const bin = join(home.path, "bin")
    await mkdir(bin)
    await symlink(COMMAND, join(bin, "qwen-auth"))
    await writeFile(join(bin, "claude"), '#!/bin/sh\ntest -n "$ANTHROPIC_BASE_URL"\n', { mode: 0o755 })
    await writeFile(join(home.path, "key.txt"), KEY, { mode: 0o600 })
    const env = { ...home.env, PATH: `${bin}:${home.env["PATH"]}`, HTTPS_PROXY: "", NO_COLOR: "1" }
    const run = (line: string) => runWithInput("bash", ["-c", line], "", home.path, env)
    // The other commands need a sign-in.
    expect((await run("qwen-auth login --account")).code).toBe(0)

    const lines = (await readmeCommands("packages/cli/README.md")).map((line) => line.replace(/ +#.*$/, ""))
    const root = (await readmeCommands("README.md")).filter((line) => line.startsWith("node packages/cli/"))
    expect(root.length).toBeGreaterThan(0)
    const ordered = [...lines.filter((line) => line !== "qwen-auth logout"), ...root, "qwen-auth logout"]
    const results: (readonly [string, number | null])[] = []
    for (const line of ordered) {
      // A server runs until it is asked to end.
      const bounded = /^qwen-auth serve/.test(line)
        ? `timeout -s INT 4 ${line.replace(/ &$/, "")}; test $? = 124 -o $? = 0`
        : line
      const { code, output } = await run(bounded.replace("node packages/", `node ${REPOSITORY}/packages/`))
      expect(output).not.toContain(KEY)
      results.push([line, code])
    }
    // OpenCode may be on the PATH here, and the service is a simulator.
    const comparable = results.filter(([line]) => line !== "qwen-auth doctor")
    expect(comparable.filter(([line, code]) => code !== (STATUS[line] ?? 0))).toEqual([])
    expect(lines).toContain("qwen-auth doctor")
  })
})
