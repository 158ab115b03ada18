import { existsSync } from "node:fs"
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { describe, expect } from "vitest"
import { COMMAND, type CommandHome, it, runWithInput } from "../harness/cli/command.ts"
import { REPOSITORY } from "../harness/shared/repository.ts"

const OTHER_PLATFORM = pathToFileURL(join(REPOSITORY, "e2e", "workers", "other-platform.mjs")).href
const inContainer = existsSync("/.dockerenv") || existsSync("/run/.containerenv")

/** The program of each system that opens a browser, and the URL in its argument. */
const OPENERS: readonly (readonly [NodeJS.Platform, string, (argument: string) => string | undefined])[] = [
  ["darwin", "bin/open", (argument) => argument],
  ["linux", "bin/xdg-open", (argument) => argument],
  // PowerShell gets its command in Base64 of UTF-16, so that no character is special on the way.
  [
    "win32",
    // This is one file name here, because only Windows separates folders by backslashes.
    "windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
    (argument) =>
      /Start ['"]+(.*?)['"]/.exec(Buffer.from(argument.split(" ").at(-1) ?? "", "base64").toString("utf16le"))?.[1],
  ],
]

/** Creates a program in the home that writes its arguments into a file. Returns the file. */
async function createOpener(home: CommandHome, path: string): Promise<string> {
  const file = join(home.path, "opened")
  const program = join(home.path, path)
  await mkdir(dirname(program), { recursive: true })
  await writeFile(program, `#!/bin/sh\nprintf '%s' "$*" > '${file}'\n`)
  await chmod(program, 0o755)
  return file
}

describe.skipIf(process.platform === "win32")("login --account", () => {
  for (const [platform, program, urlIn] of OPENERS) {
    // In a container the command opens no browser. A unit test checks that.
    it.skipIf(platform === "linux" && inContainer)(
      `opens the browser of ${platform} with the whole address`,
      async ({ simulator, home }) => {
        await simulator.control("scenario", { deviceCode: { autoApprove: true } })
        const file = await createOpener(home, program)
        const env = {
          ...home.env,
          PATH: `${join(home.path, "bin")}:${home.env["PATH"]}`,
          SYSTEMROOT: join(home.path, "windows"),
          DISPLAY: ":0",
          TEST_PLATFORM: platform,
        }
        const args = [`--import=${OTHER_PLATFORM}`, COMMAND, "login", "--account"]
        const { code, stdout } = await runWithInput(process.execPath, args, "", home.path, env)

        expect(code).toBe(0)
        const [, url] = /The browser opens this address:\n\n {2}(\S+)\n/.exec(stdout) ?? []
        expect(url).toMatch(/&client=qwen-code$/)
        const opened = async () => urlIn(await readFile(file, "utf8").catch(() => ""))
        await expect.poll(opened).toBe(url)
      },
    )
  }

  it("shows the address without an opener", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    const env = { ...home.env, PATH: join(home.path, "bin"), TEST_PLATFORM: "darwin" }
    const args = [`--import=${OTHER_PLATFORM}`, COMMAND, "login", "--account"]
    const { code, stdout } = await runWithInput(process.execPath, args, "", home.path, env)
    expect(code).toBe(0)
    expect(stdout).toContain("The browser could not be opened.\nOpen this address in a browser:")
  })
})
