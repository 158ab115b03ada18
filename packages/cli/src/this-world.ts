import { statSync } from "node:fs"
import { nodePlatform } from "qwen-auth-core"
import { thisComputer } from "qwen-auth-local/this-computer"
import type { World } from "./world.ts"

/** Returns the world of this process. */
export function thisWorld(): World {
  return {
    // Node opens each of them at its first use, which takes time and can fail.
    get stdin() {
      return process.stdin
    },
    get stdout() {
      return process.stdout
    },
    get stderr() {
      return process.stderr
    },
    sources: thisComputer({}),
    system: process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
    folder: process.cwd(),
    programFolder: import.meta.dirname,
    platform: nodePlatform(),
    signals: process,
    async openInBrowser(url) {
      // It opens Windows' browser in WSL. No shell sees the URL.
      const { default: open } = await import("open")
      await open(url)
    },
    isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
  }
}
