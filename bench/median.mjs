/** @param {number[]} values @returns {number} */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/**
 * Alternates between the two measurements, so that changes in the machine's load affect both.
 * @param {number} rounds
 * @param {() => Promise<number> | number} baseline one measurement, in any unit
 * @param {() => Promise<number> | number} ours one measurement, in the same unit
 * @returns {Promise<{baseline: number, ours: number}>} medians
 */
export async function sideBySide(rounds, baseline, ours) {
  /** @type {{baseline: number[], ours: number[]}} */
  const results = { baseline: [], ours: [] }
  for (let round = 0; round < rounds; round++) {
    const tasks = [() => measure("baseline", baseline), () => measure("ours", ours)]
    for (const task of round % 2 === 0 ? tasks : tasks.reverse()) await task()
  }
  return { baseline: median(results.baseline), ours: median(results.ours) }

  /** @param {"baseline" | "ours"} name @param {() => Promise<number> | number} task */
  async function measure(name, task) {
    results[name].push(await task())
  }
}
