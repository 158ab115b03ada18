import { parseArgs } from "node:util"
import type { SimulatorOptions } from "./server.ts"

/** The parsed options of the command. */
export type CommandLine =
  | { kind: "start"; options: SimulatorOptions }
  | { kind: "help" }
  | { kind: "refused"; reason: string }

export const HELP = `Qwen on loopback: OAuth, approval page, chat API, API keys and console, every known failure on a switch.

Usage: qwen-simulator [--port PORT] [--proxy-port PORT --certificate FILE]

  --port PORT         port on 127.0.0.1; 0, the default, takes a free one
  --proxy-port PORT   also start a proxy to the real host names; 0 takes a free port
  --certificate FILE  where the proxy's certificate is written, as PEM
  --help              show this

When ready it prints one line of JSON, {"origin":"http://127.0.0.1:PORT"}, with a "proxy" if there is one, and runs until
SIGINT or SIGTERM. Failures are switched over HTTP: POST /_sim/scenario, described in packages/simulator/README.md.
`

/** Parses the arguments after the command's name. */
export function readCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: "string", default: "0" },
        "proxy-port": { type: "string" },
        certificate: { type: "string" },
        help: { type: "boolean", default: false },
      },
    })
    if (values.help) return { kind: "help" }
    const proxy = readProxy(values["proxy-port"], values.certificate)
    return { kind: "start", options: { port: readPort("--port", values.port), proxy } }
  } catch (error) {
    return { kind: "refused", reason: error instanceof Error ? error.message : String(error) }
  }
}

function readProxy(port: string | undefined, certificateFile: string | undefined): SimulatorOptions["proxy"] {
  if (port === undefined && certificateFile === undefined) return undefined
  if (port === undefined) throw new Error("--certificate goes with --proxy-port")
  if (certificateFile === undefined) throw new Error("--proxy-port needs --certificate FILE")
  return { port: readPort("--proxy-port", port), certificateFile }
}

function readPort(option: string, text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new Error(`${option} takes a number from 0 to 65535, not "${text}"`)
}
