/**
 * All figures, each beside its yardstick in the same run, in Node and in Bun where that is installed.
 *
 * npm run bench
 */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { findBun } from "./find-bun.mjs"

// Bun would follow the types' paths to the sources; what is measured is what is built.
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
