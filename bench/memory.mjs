/** Measures the peak growth of a process while a stream of 200 MB passes, compared with a bare fetch. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { median } from "./median.mjs"
import { withServer } from "./with-server.mjs"

const ROUNDS = 3
const child = fileURLToPath(new URL("memory-child.mjs", import.meta.url))
const options = process.execArgv

await withServer("server.mjs", async (origin) => {
  const [baseline, ours] = ["bare", "ours"].map((which) =>
    median(Array.from({ length: ROUNDS }, () => peakGrowth(which, origin))),
  )
  console.log(`  stream of 200 MB: memory grew by ${ours} MB; with a bare fetch by ${baseline} MB`)
})

/** @param {string} which @param {string} origin @returns {number} MB, measured inside a fresh process */
function peakGrowth(which, origin) {
  const { stdout, status } = spawnSync(process.execPath, [...options, child, which, origin], { encoding: "utf8" })
  if (status !== 0) throw new Error(`memory-child ${which} failed`)
  return Number(stdout)
}
