/** @param {number[]} values @returns {number} */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/**
 * Takes turns between the measured thing and its yardstick, so that the machine's moods hit both.
 * @param {number} rounds
 * @param {() => Promise<number> | number} yardstick one measurement, any unit
 * @param {() => Promise<number> | number} ours the same
 * @returns {Promise<{yardstick: number, ours: number}>} medians
 */
export async function sideBySide(rounds, yardstick, ours) {
  /** @type {{yardstick: number[], ours: number[]}} */
  const seen = { yardstick: [], ours: [] }
  for (let round = 0; round < rounds; round++) {
    const turns = [() => measure("yardstick", yardstick), () => measure("ours", ours)]
    for (const lock of round % 2 === 0 ? turns : turns.reverse()) await lock()
  }
  return { yardstick: median(seen.yardstick), ours: median(seen.ours) }

  /** @param {"yardstick" | "ours"} name @param {() => Promise<number> | number} task */
  async function measure(name, task) {
    seen[name].push(await task())
  }
}
