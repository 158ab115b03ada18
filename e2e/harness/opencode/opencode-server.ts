import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { killTree } from "../shared/run-process.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

const START_TIMEOUT_MS = 150_000

/** `opencode serve`, as the desktop and web programs use it. */
export interface OpenCodeServer {
  get(path: string): Promise<Response>
  post(path: string, body?: unknown, signal?: AbortSignal): Promise<Response>
  stop(): void
}

/**
 * Starts OpenCode's server on a free port. Its first answers wait until OpenCode's own library is installed in every configuration
 * folder (`~/.config/opencode`, `~/.opencode`, `.opencode` in the project), for minutes where no registry can be reached: those of
 * a throw-away home are prepared, and a test that makes another has to do the same.
 */
async function startOpenCodeServer(binary: string, home: ThrowawayHome): Promise<OpenCodeServer> {
  const child = spawn(binary, ["serve", "--port", "0", "--hostname", "127.0.0.1"], {
    cwd: home.project,
    env: home.env,
    stdio: ["ignore", "pipe", "ignore"],
    detached: process.platform !== "win32",
  })
  const stop = () => killTree(child)
  try {
    const origin = await listeningAt(child.stdout)
    // What it says later is read too: a full pipe would stop it.
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

/** Runs a task with OpenCode's server, which ends with it. */
export async function withOpenCodeServer(
  binary: string,
  home: ThrowawayHome,
  task: (server: OpenCodeServer) => Promise<void>,
): Promise<void> {
  const server = await startOpenCodeServer(binary, home)
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
  throw new Error("OpenCode's server did not come to listen.")
}
