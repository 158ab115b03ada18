import { stat } from "node:fs/promises"

/** The mode of a file or folder in octal, for example `600`. */
export async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}
