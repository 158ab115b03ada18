#!/usr/bin/env node
import { EXIT } from "./exit-codes.ts"
import { main } from "./main.ts"
import { handleOutputErrors } from "./output-errors.ts"

const outputFailed = handleOutputErrors(process)
const status = await main(process.argv.slice(2), process, async () => (await import("./this-world.ts")).thisWorld())
// An error of a pipe comes after the last write.
process.once("exit", () => {
  if (outputFailed() && status === EXIT.done) process.exitCode = EXIT.failed
})
process.exitCode = status
