import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { killTree } from "../shared/run-process.ts"
import { opencodeBinary } from "./opencode-binary.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

const START_TIMEOUT_MS = 150_000

/** `opencode serve`, as the desktop and web programs use it. */
export interface OpenCodeServer {
  get(path: string): Promise<Response>
  post(path: string, body?: unknown, signal?: AbortSignal): Promise<Response>
  stop(): void
}

/**
 * Starts OpenCode's server on a free port. Before its first response, OpenCode installs its own library in every configuration folder
 * (`~/.config/opencode`, `~/.opencode`, `.opencode` in the project), which takes minutes without a registry. A throw-away home is prepared
 * for this; a test that creates another configuration folder must prepare it too.
 */
async function startOpenCodeServer(home: ThrowawayHome, program: string): Promise<OpenCodeServer> {
  const child = spawn(program, ["serve", "--port", "0", "--hostname", "127.0.0.1"], {
    cwd: home.project,
    env: home.env,
    stdio: ["ignore", "pipe", "ignore"],
    detached: process.platform !== "win32",
  })
  const stop = () => killTree(child)
  try {
    const origin = await listeningAt(child.stdout)
    // Keep reading its output: a full pipe would block it.
    child.stdout.resume()
    const headers = { "content-type": "application/json" }
    return {
      get: (path) => fetch(`${origin}${path}`),
      post: (path, body = {}, signal) =>
        fetch(`${origin}${path}`, { method: "POST", headers, body: JSON.stringify(body), signal: signal ?? null }),
      stop,
    }
  } catch (error) {
    stop()
    throw error
  }
}

/**
 * Runs a task with OpenCode's server and stops the server afterwards.
 * @param program OpenCode, or a program that starts it
 */
export async function withOpenCodeServer(
  home: ThrowawayHome,
  task: (server: OpenCodeServer) => Promise<void>,
  program: string = opencodeBinary,
): Promise<void> {
  const server = await startOpenCodeServer(home, program)
  try {
    await task(server)
  } finally {
    server.stop()
  }
}

async function listeningAt(output: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input: output, signal: AbortSignal.timeout(START_TIMEOUT_MS) })
  for await (const line of lines) {
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
    if (origin !== undefined) return origin
  }
  throw new Error("OpenCode's server ended before it listened.")
}
