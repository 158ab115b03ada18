#!/usr/bin/env node
import { HELP, readCommandLine } from "./command-line.ts"
import { type SimulatorOptions, startSimulator } from "./server.ts"

/** The command `qwen-simulator`: starts the simulator, prints its address, and runs until a signal ends it. */
async function run(args: readonly string[]): Promise<void> {
  const command = readCommandLine(args)
  if (command.kind === "help") {
    process.stdout.write(HELP)
  } else if (command.kind === "refused") {
    fail(`${command.reason}\nTry: qwen-simulator --help`, 2)
  } else {
    await serve(command.options)
  }
}

async function serve(options: SimulatorOptions): Promise<void> {
  try {
    const simulator = await startSimulator(options)
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void simulator.close())
    const { origin, proxy } = simulator
    process.stdout.write(`${JSON.stringify({ origin, proxy })}\n`)
  } catch (error) {
    fail(`Cannot start: ${error instanceof Error ? error.message : String(error)}`, 1)
  }
}

function fail(reason: string, exitCode: number): void {
  process.stderr.write(`qwen-simulator: ${reason}\n`)
  process.exitCode = exitCode
}

await run(process.argv.slice(2))
