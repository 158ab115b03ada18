#!/usr/bin/env node
import { HELP, readCommandLine } from "./command-line.ts"
import { startSimulator } from "./server.ts"

/** The command `qwen-simulator`: starts, says where, and runs until it is told to end. */
async function run(args: readonly string[]): Promise<void> {
  const command = readCommandLine(args)
  if (command.kind === "help") {
    process.stdout.write(HELP)
  } else if (command.kind === "refused") {
    fail(`${command.reason}\nTry: qwen-simulator --help`, 2)
  } else {
    await serve(command.port)
  }
}

async function serve(port: number): Promise<void> {
  try {
    const simulator = await startSimulator({ port })
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void simulator.close())
    process.stdout.write(`${JSON.stringify({ origin: simulator.origin })}\n`)
  } catch (error) {
    fail(`Cannot listen on 127.0.0.1:${port}: ${error instanceof Error ? error.message : String(error)}`, 1)
  }
}

function fail(reason: string, exitCode: number): void {
  process.stderr.write(`qwen-simulator: ${reason}\n`)
  process.exitCode = exitCode
}

await run(process.argv.slice(2))
