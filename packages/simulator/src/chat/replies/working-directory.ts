import { type ChatRequest, textOf } from "../chat-request.ts"

/** How coding agents tell the model where it works: OpenCode in the system message, Qwen Code in a first user message. */
const TOLD = /(?:working directory|working in the directory)(?: is)?:?\s*[`"']?((?:\/|[A-Za-z]:\\)[^\n`"'<]*)/i

/** The folder the host said it works in, or undefined when it did not. */
export function workingDirectory(request: ChatRequest): string | undefined {
  for (const message of request.messages) {
    if (message.role !== "system" && message.role !== "user") continue
    const folder = TOLD.exec(textOf(message))?.[1]
      ?.trim()
      .replace(/[.,;]$/, "")
    if (folder !== undefined) return folder
  }
  return undefined
}

/** A path as the host wants it: under the working directory unless it is a full path already. */
export function pathIn(folder: string | undefined, path: string): string {
  if (folder === undefined || /^([/~\\]|[A-Za-z]:)/.test(path)) return path
  const separator = folder.includes("\\") ? "\\" : "/"
  return folder.endsWith(separator) ? folder + path : folder + separator + path
}
