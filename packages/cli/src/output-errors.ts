import type { EventEmitter } from "node:events"

interface Outputs {
  readonly stdout: EventEmitter
  readonly stderr: EventEmitter & { write(text: string): unknown }
}

/**
 * Takes the errors of standard output and standard error, which would end the process with a stack. A reader that has
 * left (`qwen-auth … | head`) is no error; a gateway goes on without its log. Another error of standard output, such as a
 * full disk, is reported once.
 * @returns whether the output is incomplete
 */
export function takeOutputErrors({ stdout, stderr }: Outputs): () => boolean {
  let failed = false
  stderr.on("error", () => {})
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || failed) return
    failed = true
    stderr.write(`qwen-auth: The output could not be written (${error.code}). Check the disk or the file.\n`)
  })
  return () => failed
}
