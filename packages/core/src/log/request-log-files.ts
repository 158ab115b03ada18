import { lstat, open, readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { fileErrorCode } from "../files/file-error.ts"
import type { World } from "../world.ts"
import { plainJson } from "./plain-json.ts"
import { privateFolder } from "./private-folder.ts"
import type { RequestLogEntry, RequestLogSink } from "./request-log.ts"

/** How much of a request log is kept. */
export interface RequestLogLimits {
  readonly files: number
  readonly bytes: number
}

const LIMITS: RequestLogLimits = { files: 100, bytes: 50 * 1024 * 1024 }
const OURS = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-\d+-\d+\.json$/

/** Folders that were said to be unusable. It is said once, however often the host starts a plugin in this process. */
const complainedOf = new Set<string>()

/**
 * A sink that writes each request to a file of its own (0600) in a folder of 0700: `<time>-<pid>-<n>.json`, so that names sort by
 * time. Beyond the limits the oldest of such files are removed, whichever process wrote them, and nothing else. A log that cannot
 * be written is told to `world.log` once. The sink's promise resolves when the file is written, or could not be.
 * @param folder absolute path
 */
export function requestLogFiles(
  world: Pick<World, "log" | "pid">,
  folder: string,
  limits: RequestLogLimits = LIMITS,
): RequestLogSink {
  let last = Promise.resolve()
  let waiting = 0
  let number = 0
  const write = async (entry: RequestLogEntry) => {
    try {
      await privateFolder(folder)
      const stem = join(folder, `${entry.startedAt.replaceAll(":", "-")}-${world.pid}`)
      number = await create(stem, number + 1, plainJson(entry, 2))
      await prune(folder, limits)
    } catch (error) {
      complain(world, folder, error)
    }
    waiting--
  }
  return (entry) => {
    // A disk too slow for that many: they would not be kept anyway, and memory is not to fill with them.
    if (waiting >= limits.files) return
    waiting++
    last = last.then(() => write(entry))
    return last
  }
}

/** Writes the file with the first number that is free: another process (in another container) may have our id. */
async function create(stem: string, number: number, text: string): Promise<number> {
  const path = `${stem}-${number}.json`
  const file = await open(path, "wx", 0o600).catch((error: unknown) => {
    if (fileErrorCode(error) === "EEXIST") return undefined
    throw error
  })
  if (file === undefined) return create(stem, number + 1, text)
  try {
    await file.writeFile(text)
  } catch (error) {
    await rm(path, { force: true }).catch(() => {})
    throw error
  } finally {
    await file.close()
  }
  return number
}

async function prune(folder: string, limits: RequestLogLimits): Promise<void> {
  const newestFirst = (await readdir(folder))
    .filter((name) => OURS.test(name))
    .sort((one, other) => (one < other ? 1 : -1))
  let files = 0
  let bytes = 0
  for (const name of newestFirst) {
    const path = join(folder, name)
    // Another process may have removed it.
    const found = await lstat(path).catch(() => undefined)
    if (!found?.isFile()) continue
    files++
    bytes += found.size
    if (files > limits.files || bytes > limits.bytes) await rm(path, { force: true }).catch(() => {})
  }
}

function complain(world: Pick<World, "log">, folder: string, error: unknown): void {
  if (complainedOf.has(folder)) return
  complainedOf.add(folder)
  world.log.warn("The request log cannot be written.", { folder, code: fileErrorCode(error) })
}
