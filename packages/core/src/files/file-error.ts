/** Returns the code of a file system error, for example `ENOENT`, or `unknown`. */
export function fileErrorCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return typeof code === "string" ? code : "unknown"
}

/** Returns an error with a file system code, for a condition that the file system does not report itself. */
export function fileError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}
