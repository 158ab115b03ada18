import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

/**
 * Runs a measurement against the benchmark's server.
 * @param {(origin: string) => Promise<void>} measure
 */
export async function withServer(measure) {
  const program = fileURLToPath(new URL("server.mjs", import.meta.url))
  const server = spawn("node", [program], { stdio: ["ignore", "pipe", "inherit"] })
  try {
    const [line] = await once(server.stdout, "data")
    await measure(String(line).trim())
  } finally {
    server.kill()
  }
}
