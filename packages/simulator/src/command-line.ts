import { parseArgs } from "node:util"

/** What the command was asked to do. */
export type CommandLine = { kind: "start"; port: number } | { kind: "help" } | { kind: "refused"; reason: string }

export const HELP = `Qwen on loopback: OAuth, approval page and chat API, every known failure on a switch.

Usage: qwen-simulator [--port PORT]

  --port PORT   port on 127.0.0.1; 0, the default, takes a free one
  --help        show this

When ready it prints one line of JSON, {"origin":"http://127.0.0.1:PORT"}, and runs until SIGINT or SIGTERM.
Failures are switched over HTTP: POST /_sim/scenario, described in packages/simulator/README.md.
`

/** Reads the arguments after the command's name. */
export function readCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { port: { type: "string", default: "0" }, help: { type: "boolean", default: false } },
    })
    if (values.help) return { kind: "help" }
    const port = Number(values.port)
    const valid = /^\d{1,5}$/.test(values.port) && port <= 65_535
    return valid ? { kind: "start", port } : refused(`--port takes a number from 0 to 65535, not "${values.port}"`)
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error))
  }
}

function refused(reason: string): CommandLine {
  return { kind: "refused", reason }
}
