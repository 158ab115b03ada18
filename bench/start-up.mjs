/** Measures what the plugin adds to the start of both lines of OpenCode, in a fresh process, compared with an empty plugin. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { sideBySide } from "./median.mjs"

const ROUNDS = 15
const child = fileURLToPath(new URL("start-up-child.mjs", import.meta.url))

for (const line of ["1", "2"]) {
  const { baseline, ours } = await sideBySide(
    ROUNDS,
    () => startUp(line, "empty"),
    () => startUp(line, "ours"),
  )
  const added = (ours - baseline).toFixed(1)
  console.log(
    `  start OpenCode ${line}: ${ours.toFixed(1)} ms; empty plugin ${baseline.toFixed(1)} ms; added ${added} ms`,
  )
}

/** @param {string} line @param {"empty" | "ours"} which @returns {number} ms, measured inside the fresh process */
function startUp(line, which) {
  const { stdout, status } = spawnSync(process.execPath, [child, line, which], { encoding: "utf8" })
  if (status !== 0) throw new Error(`start-up-child ${line} ${which} failed`)
  return Number(stdout)
}
