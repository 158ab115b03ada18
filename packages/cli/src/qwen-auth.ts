#!/usr/bin/env node
import { EXIT } from "./exit-codes.ts"
import { main } from "./main.ts"
import { handleOutputErrors } from "./output-errors.ts"

const outputFailed = handleOutputErrors(process)
const openWorld = async () => (await import("./this-world.ts")).thisWorld()
// It keeps this status if nothing is left to wait for before the command has ended.
process.exitCode = EXIT.failed
// CommonJS has no top-level await.
void main(process.argv.slice(2), process, openWorld).then((status) => {
  // An error of a pipe comes after the last write.
  process.once("exit", () => {
    if (outputFailed() && status === EXIT.done) process.exitCode = EXIT.failed
  })
  process.exitCode = status
})
