import { type ChatRequest, textOf } from "../chat-request.ts"

/** Matches the working directory, which OpenCode states in the system message and Qwen Code in the first user message. */
const STATED = /(?:working directory|working in the directory)(?: is)?:?\s*[`"']?((?:\/|[A-Za-z]:\\)[^\n`"'<]*)/i

/** The working directory that the host stated, if any. */
export function workingDirectory(request: ChatRequest): string | undefined {
  for (const message of request.messages) {
    if (message.role !== "system" && message.role !== "user") continue
    const folder = STATED.exec(textOf(message))?.[1]
      ?.trim()
      .replace(/[.,;]$/, "")
    if (folder !== undefined) return folder
  }
  return undefined
}

/** Resolves a path against the working directory, unless it is absolute. */
export function pathIn(folder: string | undefined, path: string): string {
  if (folder === undefined || /^([/~\\]|[A-Za-z]:)/.test(path)) return path
  const separator = folder.includes("\\") ? "\\" : "/"
  return folder.endsWith(separator) ? folder + path : folder + separator + path
}
