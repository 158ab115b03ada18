/** The system's code of a file error, `ENOENT` for example; `unknown` when there is none. */
export function fileErrorCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return typeof code === "string" ? code : "unknown"
}
