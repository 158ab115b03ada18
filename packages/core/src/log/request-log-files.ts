import { lstatSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileErrorCode } from "../files/file-error.ts"
import { privateFolderSync } from "../files/private-folder.ts"
import type { Platform } from "../platform.ts"
import type { RequestLogSink } from "./request-log.ts"
import { safeStringify } from "./safe-stringify.ts"

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
 * be written is told to `world.log` once. It is written at once and waited for: hosts end as soon as they have their answer.
 * @param folder absolute path
 */
export function requestLogFiles(
  platform: Pick<Platform, "log" | "pid">,
  folder: string,
  limits: RequestLogLimits = LIMITS,
): RequestLogSink {
  let number = 0
  return (entry) => {
    try {
      const text = safeStringify(entry, 2)
      privateFolderSync(folder)
      prune(folder, { files: limits.files - 1, bytes: limits.bytes - Buffer.byteLength(text) })
      const stem = join(folder, `${entry.startedAt.replaceAll(":", "-")}-${platform.pid}`)
      number = create(stem, number + 1, text)
    } catch (error) {
      complain(platform, folder, error)
    }
  }
}

/** Writes the file with the first number that is free: another process (in another container) may have our id. */
function create(stem: string, number: number, text: string): number {
  const path = `${stem}-${number}.json`
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o600 })
    return number
  } catch (error) {
    if (fileErrorCode(error) === "EEXIST") return create(stem, number + 1, text)
    rmSync(path, { force: true })
    throw error
  }
}

function prune(folder: string, limits: RequestLogLimits): void {
  const newestFirst = readdirSync(folder)
    .filter((name) => OURS.test(name))
    .sort((one, other) => (one < other ? 1 : -1))
  let files = 0
  let bytes = 0
  for (const name of newestFirst) {
    const path = join(folder, name)
    // Another process may have removed it.
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (!found?.isFile()) continue
    files++
    bytes += found.size
    if (files > limits.files || bytes > limits.bytes) rmSync(path, { force: true })
  }
}

function complain(platform: Pick<Platform, "log">, folder: string, error: unknown): void {
  if (complainedOf.has(folder)) return
  complainedOf.add(folder)
  platform.log.warn("The request log cannot be written.", { folder, code: fileErrorCode(error) })
}
