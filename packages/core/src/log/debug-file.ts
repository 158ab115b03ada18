import { constants, lstat, open, rename } from "node:fs/promises"
import { join } from "node:path"
import { privateFolder } from "../files/private-folder.ts"
import type { Platform } from "../platform.ts"
import type { Logger } from "./logger.ts"
import { redactingLogger } from "./redact.ts"
import { safeStringify } from "./safe-stringify.ts"
import { sanitizeText } from "./sanitize-text.ts"

const LARGEST = 5 * 1024 * 1024
const LONGEST_MESSAGE = 2_000
const LONGEST_LINE = 64 * 1024
/** Characters kept while the disk is slow; what comes then is lost. */
const MOST_WAITING = 1024 * 1024
const LINE_BREAK = Buffer.from("\n")

/** A logger whose lines reach a file. */
export interface DebugFile extends Logger {
  /** Resolves when everything logged so far is written, or could not be. */
  flush(): Promise<void>
}

/**
 * Appends `<ISO time> <level> <message> <fields as JSON>` to `debug.log` (0600) in a folder of 0700, redacted. At `largest` bytes
 * the file becomes `debug.log.1`, in place of the one before. What cannot be written is lost in silence: there is nowhere to say
 * so. Nothing stays open between writes; several processes may share the file.
 * @param folder absolute path
 */
export function debugFile(clock: Pick<Platform, "now">, folder: string, largest = LARGEST): DebugFile {
  let waiting = ""
  let writing: Promise<void> | undefined
  const drain = async () => {
    while (waiting !== "") {
      // What is logged in the same moment goes with it.
      await Promise.resolve()
      const text = waiting
      waiting = ""
      await append(folder, text, largest).catch(() => {})
    }
    writing = undefined
  }
  const write =
    (level: "debug" | "warn" | "error"): Logger["debug"] =>
    (message, fields = {}) => {
      if (waiting.length > MOST_WAITING) return
      const extra = Object.keys(fields).length === 0 ? "" : ` ${safeStringify(fields)}`
      const line = `${new Date(clock.now()).toISOString()} ${level} ${sanitizeText(message, LONGEST_MESSAGE)}${extra}`
      waiting += `${line.slice(0, LONGEST_LINE)}\n`
      writing ??= drain()
    }
  const logger = redactingLogger({ debug: write("debug"), warn: write("warn"), error: write("error") })
  return { ...logger, flush: async () => writing }
}

async function append(folder: string, text: string, largest: number): Promise<void> {
  await privateFolder(folder)
  const path = join(folder, "debug.log")
  const bytes = Buffer.from(text)
  const size = await lstat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size > 0 && size + bytes.length > largest) await rename(path, `${path}.1`)
  // A symbolic link is not followed: it may lead to any file.
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants
  const file = await open(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_RDWR, 0o600)
  try {
    const { mode, size: end } = await file.stat()
    if ((mode & 0o077) !== 0) await file.chmod(0o600)
    // A full disk can have cut the last line.
    const { buffer: last } = await file.read(Buffer.alloc(1), 0, 1, Math.max(end - 1, 0))
    await file.appendFile(end === 0 || last.equals(LINE_BREAK) ? bytes : Buffer.concat([LINE_BREAK, bytes]))
  } finally {
    await file.close()
  }
}
