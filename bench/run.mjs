/**
 * Runs all benchmarks in Node, and in Bun if it is installed. Each figure is compared with a baseline in the same run.
 *
 * npm run bench
 */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { findBun } from "./find-bun.mjs"

// Without it, Bun would follow the paths in tsconfig.json to the sources. The benchmarks measure the built files.
const built = `--tsconfig-override=${fileURLToPath(new URL("../e2e/workers/tsconfig.bun.json", import.meta.url))}`
const runtimes = [
  { name: "Node", file: process.execPath, options: [] },
  ...findBun().map((file) => ({ name: "Bun", file, options: [built] })),
]
for (const { name, file, options } of runtimes) {
  console.log(`\n${name}`)
  for (const part of [
    "start-up.mjs",
    "requests.mjs",
    "streams.mjs",
    "gateway.mjs",
    "memory.mjs",
    "renewal-storm.mjs",
    "lock.mjs",
    "current.mjs",
  ]) {
    const { status } = spawnSync(file, [...options, fileURLToPath(new URL(part, import.meta.url))], {
      stdio: "inherit",
    })
    if (status !== 0) process.exit(1)
  }
}
