import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Readable } from "node:stream"
import { REPOSITORY } from "../shared/repository.ts"
import type { Simulator } from "../shared/simulator-process.ts"
import { signInTo } from "../shared/stored-sign-in.ts"

const PROGRAM = join(REPOSITORY, "packages", "cli", "dist", "qwen-auth.js")

/** The built command, in the home folder of someone who is signed in to the simulator. */
export interface SignedInCommand {
  readonly home: string
  /** Starts `qwen-auth` with these arguments. Its output is collected. */
  start(...args: string[]): StartedCommand
  remove(): Promise<void>
}

export interface StartedCommand {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly output: { stdout: string; stderr: string }
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

/** @param simulator approves sign-ins by itself */
export async function signedInCommand(simulator: Simulator): Promise<SignedInCommand> {
  const home = await mkdtemp(join(tmpdir(), "qwen-auth-command-"))
  const file = join(home, ".opencode", "qwen", "oauth_token.json")
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await signInTo(simulator, file)
  const env = { PATH: process.env["PATH"], HOME: home, USERPROFILE: home, ...simulator.env }
  return {
    home,
    start: (...args) => startProgram(process.execPath, [PROGRAM, ...args], { cwd: home, env }),
    remove: () => rm(home, { recursive: true, force: true }),
  }
}

/** Starts a program without standard input, and collects its output. */
export function startProgram(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): StartedCommand {
  const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
  const output = { stdout: "", stderr: "" }
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text
    })
  }
  const ended = once(child, "close").then(([code, signal]: unknown[]) =>
    code === null ? String(signal) : Number(code),
  )
  return { child, output, ended }
}
