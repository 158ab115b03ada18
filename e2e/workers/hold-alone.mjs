import { open, rm } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { nodePlatform } from "qwen-auth-core"
import { acquireFileLock } from "qwen-auth-core/internal"

/**
 * Acquires a lock, holds it for `holdMs` and releases it.
 * @param {{ folder: string, times: import("qwen-auth-core/internal").LockTimes, holdMs: number, witness: string }} options
 * @returns {Promise<"alone" | "not alone" | "lost">} `not alone`: another process held the lock at the same time;
 *   `lost`: another process took the lock over
 */
export async function holdAlone({ folder, times, holdMs, witness }) {
  const lease = await acquireFileLock(nodePlatform(), folder, { times })
  try {
    if (!(await isFirst(witness))) return "not alone"
    await sleep(holdMs)
    const isHeld = await lease.isHeld()
    await rm(witness)
    return isHeld ? "alone" : "lost"
  } finally {
    await lease.release()
  }
}

/** @param {string} witness */
async function isFirst(witness) {
  try {
    await (await open(witness, "wx")).close()
    return true
  } catch {
    return false
  }
}
