import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach } from "vitest"

/** Returns a function that creates a folder. The folders are removed after each test. Call it once in a test file. */
export function temporaryFolders(): () => Promise<string> {
  const folders: string[] = []
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
  })
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), "qwen-auth-"))
    folders.push(folder)
    return folder
  }
}
