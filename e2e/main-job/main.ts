import { parseArgs } from "node:util"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { startSimulator } from "../harness/shared/simulator-process.ts"
import { narrator } from "./narrator.ts"
import { type Stage, StageFailed } from "./stage.ts"
import { runWithLibrary } from "./with-library.ts"
import { runWithOpenCode } from "./with-opencode.ts"

const HELP = `Runs the main job end to end: the real OpenCode with the built plugin, in a temporary home, against a simulator that plays
Qwen on this machine. It signs in, asks a question, lets the token expire and asks again.

Usage: npm start [-- options]

  --manual    approve the sign-in yourself in your browser
  --library   use only the library, without OpenCode
  --help      show this help

Your own configuration and sign-ins are not used, no request leaves this machine, and all files are removed at the end.`

/** Exit codes after a signal: 128 plus its number. */
const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const

process.exitCode = await main()

async function main(): Promise<number> {
  const options = readOptions()
  if (typeof options === "string") {
    console.error(`${options}\n\n${HELP}`)
    return 2
  }
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const interruption = new AbortController()
  let status = 1
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      status = INTERRUPTED[signal]
      interruption.abort()
    })
  }
  try {
    await run(options, interruption.signal)
    return 0
  } catch (error) {
    if (interruption.signal.aborted) console.error("\nStopped. All files of this run are removed.")
    else if (error instanceof StageFailed) console.error(`\n${error.message}`)
    else throw error
    return status
  }
}

function readOptions(): { manual: boolean; library: boolean; help: boolean } | string {
  try {
    const flag = { type: "boolean", default: false } as const
    return parseArgs({ options: { manual: flag, library: flag, help: flag } }).values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function run(options: { manual: boolean; library: boolean }, signal: AbortSignal): Promise<void> {
  const started = performance.now()
  const print = narrator()
  const simulator = await startSimulator()
  try {
    print.step(`A simulator plays Qwen at ${simulator.origin}`)
    const stage: Stage = { simulator, print, signal, manual: options.manual }
    if (opencodeMissing && !options.library) print.note(`${opencodeMissing} Running with the library instead.`)
    await (options.library || opencodeMissing ? runWithLibrary(stage) : runWithOpenCode(stage))
  } finally {
    simulator.stop()
  }
  const seconds = Math.round((performance.now() - started) / 1000)
  print.step(`Done in ${seconds} s; all files of this run are removed`)
}
