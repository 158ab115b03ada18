import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A file system of 256 KiB in memory, mounted for a test. */
export interface SmallDisk {
  readonly folder: string
  makeReadOnly(): void
  remove(): void
}

/** Mounts a small disk. Returns `undefined` when that is not possible: it requires Linux and root. */
export function mountSmallDisk(): SmallDisk | undefined {
  if (process.platform !== "linux") return undefined
  const folder = mkdtempSync(join(tmpdir(), "qwen-sign-in-disk-"))
  const mount = (...options: string[]) => spawnSync("mount", [...options, folder]).status === 0
  const remove = () => {
    spawnSync("umount", [folder])
    rmSync(folder, { recursive: true, force: true })
  }
  if (!mount("-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs")) {
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
  return { folder, remove, makeReadOnly: () => void mount("-o", "remount,ro") }
}
