import { execFile } from "node:child_process"
import { createServer } from "node:net"
import { pathToFileURL } from "node:url"
import * as v from "valibot"
import type { Probes } from "./finding.ts"

const TIMEOUT_MS = 15_000

/** Returns the probes of this computer. */
export function thisComputersProbes(): Probes {
  return {
    output: (command, args, signal) =>
      new Promise((resolve) => {
        // npm's programs are .cmd files on Windows, which only a shell runs. The arguments are ours.
        const options = { timeout: TIMEOUT_MS, shell: process.platform === "win32", windowsHide: true, signal }
        execFile(command, [...args], options, (error, stdout) => resolve(error === null ? stdout : undefined))
      }),
    importModule: (path) => import(pathToFileURL(path).href),
    portUse: async (port) => ((await isFree(port)) ? "free" : (await isGateway(port)) ? "gateway" : "other"),
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)))
  })
}

const Health = v.object({ status: v.literal("ok") })

async function isGateway(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2_000) })
    return v.is(Health, await response.json())
  } catch {
    return false
  }
}
