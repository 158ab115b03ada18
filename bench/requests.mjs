/** Measures what the authenticated fetch adds to a request, compared with a bare fetch of the same body, in several young processes. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { median } from "./median.mjs"
import { withServer } from "./with-server.mjs"

const PROCESSES = 2
const SIZES = [
  { name: "2 KB", bytes: 2_000 },
  { name: "100 KB", bytes: 100_000 },
  { name: "1 MB", bytes: 1_000_000 },
]
const WAYS = {
  account: "account in OpenCode (body prepared before it is serialised)",
  key: "API key in OpenCode (body prepared, marked for the prompt cache)",
  "account parsed": "account in another host (body parsed by the fetch)",
}
const child = fileURLToPath(new URL("requests-child.mjs", import.meta.url))

await withServer("server.mjs", async (origin) => {
  for (const [way, description] of Object.entries(WAYS)) {
    for (const { name, bytes } of SIZES) {
      const runs = []
      for (let each = 0; each < PROCESSES; each++) runs.push(await measure(origin, way, bytes))
      console.log(`  request ${name}, ${description}: ${ratio(runs, "whole")}; first byte ${ratio(runs, "firstByte")}`)
    }
  }
})

/**
 * @typedef {{baseline: number, ours: number}} Times ms
 * @param {string} origin @param {string} way @param {number} bytes @returns {Promise<{whole: Times, firstByte: Times}>}
 */
async function measure(origin, way, bytes) {
  const options = process.execArgv.filter((option) => option.startsWith("--tsconfig-override"))
  const { stdout } = await promisify(execFile)(process.execPath, [...options, child, origin, way, String(bytes)])
  return JSON.parse(stdout)
}

/** @param {{whole: Times, firstByte: Times}[]} runs @param {"whole" | "firstByte"} part @returns {string} */
function ratio(runs, part) {
  const times = runs.map((run) => run[part])
  const ours = median(times.map((each) => each.ours)).toFixed(2)
  const bare = median(times.map((each) => each.baseline)).toFixed(2)
  return `${median(times.map((each) => each.ours / each.baseline)).toFixed(2)}× a bare fetch (${ours} ms, ${bare} ms)`
}
