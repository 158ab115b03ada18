import { spawn } from "node:child_process"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { opencodeMissing } from "../harness/opencode/with-opencode.ts"
import { REPOSITORY } from "../harness/shared/repository.ts"
import { runProcess } from "../harness/shared/run-process.ts"

const PROGRAM = join(REPOSITORY, "e2e", "dist", "main-job.js")

/** Everything the program makes has to be in here, and gone at the end. */
let temporary = ""
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), "qwen-sign-in-job-"))
})
afterEach(() => rm(temporary, { recursive: true, force: true }))

const environment = () => ({ PATH: process.env["PATH"] ?? "", HOME: temporary, TMPDIR: temporary, TEMP: temporary })
const play = (...args: string[]) =>
  runProcess(process.execPath, [PROGRAM, ...args], { cwd: temporary, env: environment(), timeoutMs: 250_000 })

describe("the main job", () => {
  it.skipIf(opencodeMissing)("plays in the real OpenCode, tells each step and leaves nothing", async () => {
    const { code, stdout } = await play()

    expect(stdout).toMatch(/1\. A simulator plays Qwen.*2\. Signing in: opencode auth login -p alibaba/s)
    expect(stdout).toMatch(/Go to: http.*check that it shows this code: [A-Z0-9]{4}-[A-Z0-9]{4}.*Login successful/s)
    expect(stdout).toMatch(/Asking: opencode run .* --model=alibaba\/coder-model.*I am Qwen/s)
    expect(stdout).toMatch(/6 times 7 = 42.*one refresh reached the server/s)
    expect(code).toBe(0)
    expect(await readdir(temporary)).toEqual([])
  })

  it("plays the same with the library alone", async () => {
    const { code, stdout } = await play("--library")

    expect(stdout).toMatch(/Signed in.*I am Qwen.*6 times 7 = 42.*one refresh reached the server/s)
    expect(code).toBe(0)
    expect(await readdir(temporary)).toEqual([])
  })

  it("explains itself", async () => {
    expect(await play("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("--manual") })
    expect(await play("--nonsense")).toMatchObject({ code: 2, stderr: expect.stringContaining("--nonsense") })
  })

  it.skipIf(process.platform === "win32")("cleans up on Ctrl-C and ends as an interrupted program does", async () => {
    const child = spawn(process.execPath, [PROGRAM, "--manual"], { cwd: temporary, env: environment() })
    let output = ""
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
    const waiting = new Promise<void>((resolve) => {
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text
        if (output.includes("press Approve")) resolve()
      })
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
    await Promise.race([waiting, ended])
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? ""
    child.kill("SIGINT")

    expect(await ended).toBe(130)
    expect(output).toContain("Stopped. All files of this run are removed.")
    expect(await readdir(temporary)).toEqual([])
    await expect(fetch(origin)).rejects.toThrow("fetch failed")
  })
})
