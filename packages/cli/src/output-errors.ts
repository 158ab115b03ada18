import type { EventEmitter } from "node:events"

interface Outputs {
  readonly stdout: EventEmitter
  readonly stderr: EventEmitter & { write(text: string): unknown }
}

/**
 * Handles the errors of standard output and standard error, which would otherwise end the process with a stack trace. A
 * reader that closed the pipe (`qwen-auth … | head`) is not an error, and a gateway continues without its log. Any other
 * error of standard output, such as a full disk, is reported once.
 * @returns whether the output is incomplete
 */
export function handleOutputErrors({ stdout, stderr }: Outputs): () => boolean {
  let failed = false
  stderr.on("error", () => {})
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || failed) return
    failed = true
    stderr.write(`qwen-auth: The output could not be written (${error.code}). Check the disk or the file.\n`)
  })
  return () => failed
}
