/** Measures what the plugin adds to Alma's start: import and activation in a fresh process, compared with an empty module. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { sideBySide } from "./median.mjs"

const ROUNDS = 15
const child = fileURLToPath(new URL("alma-start-up-child.mjs", import.meta.url))

const { baseline, ours } = await sideBySide(
  ROUNDS,
  () => startUp("empty"),
  () => startUp("plugin"),
)
const added = (ours - baseline).toFixed(1)
console.log(
  `  Alma: import and activation ${ours.toFixed(1)} ms; empty plugin ${baseline.toFixed(1)} ms; added ${added} ms`,
)

/** @param {"empty" | "plugin"} which @returns {number} ms, measured inside the fresh process */
function startUp(which) {
  const { stdout, status } = spawnSync(process.execPath, [child, which], { encoding: "utf8" })
  if (status !== 0) throw new Error(`alma-start-up-child ${which} failed`)
  return Number(stdout)
}
