import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** Bun's program as npm installed it, or none. @returns {string[]} */
export function findBun() {
  const file = fileURLToPath(new URL("../node_modules/bun/bin/bun.exe", import.meta.url))
  return existsSync(file) ? [file] : []
}
