/** Measures acquiring and releasing the lock, compared with a bare exclusive create and unlink, the minimum for any lock file. */
import { open, unlink } from "node:fs/promises"
import { join } from "node:path"
import { nodePlatform } from "qwen-auth-core"
import { acquireFileLock } from "qwen-auth-core/internal"
import { sideBySide } from "./median.mjs"
import { withFolder } from "./temporary-folder.mjs"

const TIMES = 50

await withFolder(async (folder) => {
  const platform = nodePlatform()
  const bare = () =>
    perSecond(async () => {
      const path = join(folder, "bare")
      await (await open(path, "wx")).close()
      await unlink(path)
    })
  const ours = () => perSecond(async () => (await acquireFileLock(platform, join(folder, "lock"))).release())
  const rate = await sideBySide(20, bare, ours)
  const ratio = (rate.baseline / rate.ours).toFixed(1)
  console.log(
    `  lock: ${Math.round(rate.ours)} per second, ${ratio}× the time of a bare create and unlink (${Math.round(rate.baseline)} per second)`,
  )
})

/** @param {() => Promise<unknown>} task @returns {Promise<number>} */
async function perSecond(task) {
  const started = performance.now()
  for (let time = 0; time < TIMES; time++) await task()
  return (TIMES / (performance.now() - started)) * 1000
}
