import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The path of Bun's program, if npm installed it. @returns {string[]} */
export function findBun() {
  const file = fileURLToPath(new URL("../node_modules/bun/bin/bun.exe", import.meta.url))
  return existsSync(file) ? [file] : []
}
