import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The repository's folder. Searched for, because `npm start` runs this code from the folder that it is built into. */
export const REPOSITORY = folderWith("package-lock.json", dirname(fileURLToPath(import.meta.url)))

function folderWith(file: string, start: string): string {
  if (existsSync(join(start, file))) return start
  if (dirname(start) === start) throw new Error(`No folder above holds ${file}.`)
  return folderWith(file, dirname(start))
}
