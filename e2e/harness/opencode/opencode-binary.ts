import { accessSync, constants, existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/** The path of the real OpenCode, or why it is missing. */
export type OpenCodeBinary = { readonly path: string } | { readonly missing: string }

/**
 * Finds the program that npm installed with `opencode-ai`. The platform's package is preferred, because it is complete even when install
 * scripts are disabled.
 */
export function findOpenCodeBinary(platform: string = process.platform, arch: string = process.arch): OpenCodeBinary {
  const require = createRequire(import.meta.url)
  const folder = (name: string) => {
    try {
      return dirname(require.resolve(`${name}/package.json`))
    } catch {
      return undefined
    }
  }
  const system = platform === "win32" ? "windows" : platform
  const file = platform === "win32" ? "opencode.exe" : "opencode"
  const base = `opencode-${system}-${arch}`
  const musl = platform === "linux" && existsSync("/etc/alpine-release")
  const names = [base, `${base}-baseline`].map((name) => (musl ? `${name}-musl` : name))
  const ordered = arch === "x64" && !hasAvx2(platform) ? names.reverse() : names
  const candidates = ordered.map((name) => folder(name)).map((found) => found && join(found, "bin", file))
  const wrapper = folder("opencode-ai")
  const runnable = [...candidates, wrapper && join(wrapper, "bin", "opencode.exe")].find(isRunnable)
  return runnable === undefined
    ? { missing: `No OpenCode program is available for ${platform} on ${arch}.` }
    : { path: runnable }
}

/** Without AVX2, only the baseline build runs. On systems where this is unknown, the normal build is used. */
function hasAvx2(platform: string): boolean {
  return platform !== "linux" || /\bavx2\b/.test(readFileSync("/proc/cpuinfo", "utf8"))
}

function isRunnable(path: string | undefined): path is string {
  if (path === undefined) return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
