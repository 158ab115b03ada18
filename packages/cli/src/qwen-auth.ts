#!/usr/bin/env node
import { main } from "./main.ts"

// `qwen-auth … | head` closes the pipe early, which is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
})
process.exitCode = await main(process.argv.slice(2), process, async () => (await import("./this-world.ts")).thisWorld())
