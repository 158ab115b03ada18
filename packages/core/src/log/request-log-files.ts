import { lstatSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileErrorCode } from "../files/file-error.ts"
import { privateFolderSync } from "../files/private-folder.ts"
import type { Platform } from "../platform.ts"
import type { RequestLogSink } from "./request-log.ts"
import { safeStringify } from "./safe-stringify.ts"

/** The limits of a request log. */
interface RequestLogLimits {
  readonly files: number
  readonly bytes: number
}

const LIMITS: RequestLogLimits = { files: 100, bytes: 50 * 1024 * 1024 }
const LOG_FILE_NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-\d+-\d+\.json$/

/** The folders whose failure was logged. It is logged once per process, because a host may start a plugin several times. */
const reportedFolders = new Set<string>()

/**
 * Creates a sink that writes each request to its own file (0600) in a folder with mode 0700. The files are named
 * `<time>-<pid>-<n>.json`, so that they sort by time. Beyond the limits it removes the oldest of these files, including
 * those of other processes, and no other files. If the log cannot be written, it warns once in `platform.log`. Writes
 * synchronously, because a host may exit as soon as it has its response.
 * @param folder absolute path
 * @param limits `files`: number of files, 100 by default; `bytes`: total size, 50 MiB by default
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
      number = createFile(stem, number + 1, text)
    } catch (error) {
      if (reportedFolders.has(folder)) return
      reportedFolders.add(folder)
      platform.log.warn("The request log cannot be written.", { folder, code: fileErrorCode(error) })
    }
  }
}

/** Creates the file with the first free number, because a process in another container may have the same id. */
function createFile(stem: string, number: number, text: string): number {
  const path = `${stem}-${number}.json`
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o600 })
    return number
  } catch (error) {
    if (fileErrorCode(error) === "EEXIST") return createFile(stem, number + 1, text)
    rmSync(path, { force: true })
    throw error
  }
}

function prune(folder: string, limits: RequestLogLimits): void {
  const newestFirst = readdirSync(folder)
    .filter((name) => LOG_FILE_NAME.test(name))
    .sort((one, other) => (one < other ? 1 : -1))
  let files = 0
  let bytes = 0
  for (const name of newestFirst) {
    const path = join(folder, name)
    // Another process may have removed it.
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (!stats?.isFile()) continue
    files++
    bytes += stats.size
    if (files > limits.files || bytes > limits.bytes) rmSync(path, { force: true })
  }
}
