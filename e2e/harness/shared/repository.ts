import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The repository's folder. It is searched for upwards, because `npm start` runs this code from its output folder. */
export const REPOSITORY = folderWith("package-lock.json", dirname(fileURLToPath(import.meta.url)))

function folderWith(file: string, start: string): string {
  if (existsSync(join(start, file))) return start
  if (dirname(start) === start) throw new Error(`No folder above contains ${file}.`)
  return folderWith(file, dirname(start))
}
