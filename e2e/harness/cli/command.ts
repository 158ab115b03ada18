import { spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { REPOSITORY } from "../shared/repository.ts"
import type { ProcessResult } from "../shared/run-process.ts"
import { testWithSimulator } from "../shared/simulator-fixture.ts"
import { type StartedProgram, startProgram } from "./start-program.ts"

/** The built command. */
export const COMMAND = join(REPOSITORY, "packages", "cli", "dist", "qwen-auth.js")

const TIMEOUT_MS = 60_000

/** A temporary home in which the command runs. */
export interface CommandHome {
  /** The home folder. It is the only folder that the command may write to. */
  readonly path: string
  /** The stored sign-in. */
  readonly tokenFile: string
  /** The complete environment of a process in this home. */
  readonly env: Readonly<Record<string, string>>
  /** Runs the command until it ends. Its standard input is empty. */
  run(args: readonly string[]): Promise<ProcessResult>
  /** Starts the command. */
  start(...args: string[]): StartedProgram
}

/** A test with a simulator and its own home, in which the command finds the simulator. */
export const it = testWithSimulator().extend<{ home: CommandHome }>({
  home: async ({ simulator }, use) => {
    const path = await mkdtemp(join(tmpdir(), "qwen-auth-home-"))
    await use(commandHome(path, simulator.env))
    await rm(path, { recursive: true, force: true })
  },
})

/** @param env more variables */
export function commandHome(path: string, env: Readonly<Record<string, string>> = {}): CommandHome {
  const environment = { PATH: process.env["PATH"] ?? "", HOME: path, USERPROFILE: path, TMPDIR: path, ...env }
  return {
    path,
    tokenFile: join(path, ".opencode", "qwen", "oauth_token.json"),
    env: environment,
    run: (args) => runWithInput(process.execPath, [COMMAND, ...args], "", path, environment),
    start: (...args) => startProgram(process.execPath, [COMMAND, ...args], { cwd: path, env: environment }),
  }
}

/** Runs a program with a text on its standard input until it ends. */
export function runWithInput(
  file: string,
  args: readonly string[],
  input: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, timeout: TIMEOUT_MS, killSignal: "SIGKILL" })
    const result = { stdout: "", stderr: "", output: "" }
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        result[stream] += text
        result.output += text
      })
    }
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, ...result }))
    // A program that ends early closes the pipe.
    child.stdin.on("error", () => {})
    child.stdin.end(input)
  })
}
