import { constants, lstat, open, rename } from "node:fs/promises"
import { join } from "node:path"
import { privateFolder } from "../files/private-folder.ts"
import type { Platform } from "../platform.ts"
import { createLogger, type Logger } from "./logger.ts"
import { redactingLogger } from "./redact.ts"
import { safeStringify } from "./safe-stringify.ts"
import { sanitizeText } from "./sanitize-text.ts"

const MAX_FILE_BYTES = 5 * 1024 * 1024
const MAX_MESSAGE_LENGTH = 2_000
const MAX_LINE_LENGTH = 64 * 1024
/** Characters buffered while the disk is slow. Further lines are dropped. */
const MAX_BUFFERED = 1024 * 1024
const LINE_BREAK = Buffer.from("\n")

/** A logger that writes to a file. */
export interface DebugFile extends Logger {
  /** Resolves when all lines logged so far are written or lost. */
  flush(): Promise<void>
}

/**
 * Creates a logger that appends `<ISO time> <level> <message> <fields as JSON>` to `debug.log` (0600) in a folder with
 * mode 0700. Secrets are redacted. Lines that cannot be written are lost without an error, because no other log could
 * report it. The file is closed between writes; several processes may share it.
 * @param folder absolute path
 * @param maxBytes size at which the file is renamed to `debug.log.1`, which replaces the previous one; 5 MiB by default
 */
export function debugFile(clock: Pick<Platform, "now">, folder: string, maxBytes = MAX_FILE_BYTES): DebugFile {
  let buffered = ""
  let writing: Promise<void> | undefined
  const drain = async () => {
    while (buffered !== "") {
      // Lines that are logged in the same tick are written together.
      await Promise.resolve()
      const text = buffered
      buffered = ""
      await append(folder, text, maxBytes).catch(() => {})
    }
    writing = undefined
  }
  const logger = createLogger((level, message, fields = {}) => {
    if (buffered.length > MAX_BUFFERED) return
    const extra = Object.keys(fields).length === 0 ? "" : ` ${safeStringify(fields)}`
    const time = new Date(clock.now()).toISOString()
    const line = `${time} ${level} ${sanitizeText(message, MAX_MESSAGE_LENGTH)}${extra}`
    buffered += `${line.slice(0, MAX_LINE_LENGTH)}\n`
    writing ??= drain()
  })
  return { ...redactingLogger(logger), flush: async () => writing }
}

async function append(folder: string, text: string, maxBytes: number): Promise<void> {
  await privateFolder(folder)
  const path = join(folder, "debug.log")
  const bytes = Buffer.from(text)
  const size = await lstat(path).then(
    (stats) => stats.size,
    () => 0,
  )
  if (size > 0 && size + bytes.length > maxBytes) await rename(path, `${path}.1`)
  // Symbolic links are not followed, because they may point to any file.
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants
  const file = await open(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_RDWR, 0o600)
  try {
    const { mode, size: end } = await file.stat()
    if ((mode & 0o077) !== 0) await file.chmod(0o600)
    // A full disk may have truncated the last line.
    const { buffer: last } = await file.read(Buffer.alloc(1), 0, 1, Math.max(end - 1, 0))
    await file.appendFile(end === 0 || last.equals(LINE_BREAK) ? bytes : Buffer.concat([LINE_BREAK, bytes]))
  } finally {
    await file.close()
  }
}
