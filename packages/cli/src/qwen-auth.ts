#!/usr/bin/env node
import { statSync } from "node:fs"
import { nodePlatform } from "qwen-auth-core"
import { thisComputer } from "qwen-auth-local/this-computer"
import { main } from "./commands/main.ts"

process.exitCode = await main(process.argv.slice(2), {
  platform: nodePlatform(),
  sources: thisComputer({}),
  system: { platform: process.platform, arch: process.arch },
  signals: process,
  terminal: process.stdin.isTTY === true,
  print: (text) => void process.stdout.write(text),
  report: (text) => void process.stderr.write(text),
  isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
})
