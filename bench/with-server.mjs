import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

/**
 * Runs a measurement against a server in its own process.
 * @param {"server.mjs" | "token-server.mjs"} name
 * @param {(origin: string) => Promise<void>} measure
 */
export async function withServer(name, measure) {
  const program = fileURLToPath(new URL(name, import.meta.url))
  const server = spawn("node", [program], { stdio: ["ignore", "pipe", "inherit"] })
  try {
    const [line] = await once(server.stdout, "data")
    await measure(String(line).trim())
  } finally {
    server.kill()
  }
}
