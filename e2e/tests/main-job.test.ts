import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { startProgram } from "../harness/cli/start-program.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { REPOSITORY } from "../harness/shared/repository.ts"
import { runProcess } from "../harness/shared/run-process.ts"

const PROGRAM = join(REPOSITORY, "e2e", "dist", "main-job.js")

/** The program may create files only in this folder, and must remove them at the end. */
let temporary = ""
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), "qwen-sign-in-job-"))
})
afterEach(() => rm(temporary, { recursive: true, force: true }))

const environment = () => ({ PATH: process.env["PATH"] ?? "", HOME: temporary, TMPDIR: temporary, TEMP: temporary })
const run = (...args: string[]) =>
  runProcess(process.execPath, [PROGRAM, ...args], { cwd: temporary, env: environment(), timeoutMs: 250_000 })

describe("the main job", () => {
  it.skipIf(opencodeMissing)("runs in the real OpenCode, announces each step and leaves no file", async () => {
    const { code, stdout } = await run()

    expect(stdout).toMatch(/1\. A simulator plays Qwen.*2\. Signing in: opencode auth login -p alibaba/s)
    expect(stdout).toMatch(/Go to: http.*check that it shows this code: [A-Z0-9]{4}-[A-Z0-9]{4}.*Login successful/s)
    expect(stdout).toMatch(/Asking: opencode run .* --model=alibaba\/coder-model.*I am Qwen/s)
    expect(stdout).toMatch(/6 times 7 = 42.*one refresh reached the server/s)
    expect(code).toBe(0)
    expect(await readdir(temporary)).toEqual([])
  })

  it("runs with the library alone", async () => {
    const { code, stdout } = await run("--library")

    expect(stdout).toMatch(/Signed in.*I am Qwen.*6 times 7 = 42.*one refresh reached the server/s)
    expect(code).toBe(0)
    expect(await readdir(temporary)).toEqual([])
  })

  it("prints its options for --help and for an unknown option", async () => {
    expect(await run("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("--manual") })
    expect(await run("--nonsense")).toMatchObject({ code: 2, stderr: expect.stringContaining("--nonsense") })
  })

  it.skipIf(process.platform === "win32")("removes its files on Ctrl-C and exits with 130", async () => {
    const args = [PROGRAM, "--manual"]
    const { child, output, ended } = startProgram(process.execPath, args, { cwd: temporary, env: environment() })
    await expect.poll(() => output.stdout).toContain("press Approve")
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout)?.[0] ?? ""
    child.kill("SIGINT")

    expect(await ended).toBe(130)
    expect(output.stderr).toContain("Stopped. All files of this run are removed.")
    expect(await readdir(temporary)).toEqual([])
    await expect(fetch(origin)).rejects.toThrow("fetch failed")
  })
})
