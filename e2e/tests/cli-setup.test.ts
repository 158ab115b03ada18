import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect } from "vitest"
import { commandHome, it } from "../harness/cli/command.ts"
import { question, runOpenCode } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { createThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { signedIn } from "../harness/opencode/with-opencode.ts"
import { DEAD_ORIGIN } from "../harness/shared/port.ts"
import { REPOSITORY } from "../harness/shared/repository.ts"

describe("qwen-auth setup", () => {
  it.skipIf(opencodeMissing)(
    "adds this checkout's plugin to OpenCode's configuration, and the real OpenCode uses it",
    async ({ simulator }) => {
      const opencode = await createThrowawayHome({ plugin: "unused", env: simulator.env })
      try {
        const { plugin: _, ...config }: Record<string, unknown> = JSON.parse(
          await readFile(opencode.configFile, "utf8"),
        )
        const before = `// mine\n${JSON.stringify(config, undefined, 2)}\n`
        await writeFile(opencode.configFile, before)
        const env = { ...simulator.env, XDG_CONFIG_HOME: join(opencode.root, "config") }
        const command = commandHome(join(opencode.root, "home"), env)
        expect((await command.run(["setup", "opencode", "--from-checkout"])).code).toBe(0)
        await signedIn(simulator, opencode)

        const answer = await runOpenCode(opencode, question("What is 6 times 7?"))
        expect(answer.output).toContain("42")

        expect((await command.run(["setup", "opencode", "--remove"])).code).toBe(0)
        expect(await readFile(opencode.configFile, "utf8")).toBe(before)
      } finally {
        await opencode.remove()
      }
    },
  )

  it("copies Alma's built folder", async ({ home }) => {
    expect((await home.run(["setup", "alma"])).code).toBe(0)
    const copied = join(home.path, ".config", "alma", "plugins", "qwen-auth")
    for (const file of ["main.js", "manifest.json"]) {
      const built = await readFile(join(REPOSITORY, "packages", "alma", "dist", "qwen-auth", file))
      expect(await readFile(join(copied, file))).toEqual(built)
    }
    expect((await home.run(["setup", "alma"])).stdout).toContain("already")
  })
})

describe("qwen-auth doctor", () => {
  it("reports no problem and no secret for a sign-in that works", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    await home.run(["login", "--account"])
    await home.run(["setup", "opencode", "--from-checkout"])
    const { stdout } = await home.run(["doctor"])
    expect(stdout.match(/^problem .*/gm) ?? []).toEqual([])
    expect(stdout).toMatch(
      /^ok +sign-in +Qwen account \(~\/\.opencode\/qwen\/oauth_token\.json\)\. To ask the service about it, run: /m,
    )
    expect(stdout).toMatch(/^ok +plugin +The plugin loads\.$/m)
    expect(stdout).toMatch(/^ok +network +127\.0\.0\.1:\d+ answers\.$/m)
    const stored: Record<string, unknown> = JSON.parse(await readFile(home.tokenFile, "utf8"))
    expect(stdout).not.toContain(stored["access_token"])
    expect(stdout).not.toContain(home.path)
  })

  it("reports a missing network", async ({ home }) => {
    const dead = commandHome(home.path, { QWEN_OAUTH_BASE_URL: DEAD_ORIGIN })
    const { code, stdout } = await dead.run(["doctor", "--json"])
    expect(code).toBe(1)
    expect(JSON.parse(stdout).findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ check: "network", state: "problem", remedy: expect.stringContaining("network") }),
        expect.objectContaining({ check: "sign-in", state: "problem", remedy: "Run: qwen-auth login" }),
      ]),
    )
  })
})
