/** The system's code of a file error, `ENOENT` for example; `unknown` when there is none. */
export function fileErrorCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return typeof code === "string" ? code : "unknown"
}

/** An error with a system's code, for what the system would allow and we do not. */
export function fileError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}
