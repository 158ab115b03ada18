import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Runs a measurement with a folder that is removed afterwards. @param {(folder: string) => Promise<void>} measure */
export async function withFolder(measure) {
  const folder = mkdtempSync(join(tmpdir(), "qwen-sign-in-bench-"))
  try {
    await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
