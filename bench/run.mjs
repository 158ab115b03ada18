/**
 * All figures, each beside its yardstick in the same run, in Node and in Bun where that is installed.
 *
 * npm run bench
 */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { findBun } from "./find-bun.mjs"

const runtimes = [{ name: "Node", file: process.execPath }, ...findBun().map((file) => ({ name: "Bun", file }))]
for (const { name, file } of runtimes) {
  console.log(`\n${name}`)
  for (const part of ["start-up.mjs", "requests.mjs", "streams.mjs"]) {
    const { status } = spawnSync(file, [fileURLToPath(new URL(part, import.meta.url))], { stdio: "inherit" })
    if (status !== 0) process.exit(1)
  }
}
