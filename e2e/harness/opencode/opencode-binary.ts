import { accessSync, constants, existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const { platform, arch } = process
const found = programs().find(isRunnable)

/** Why the real OpenCode cannot run here; `undefined` if it can. */
export const opencodeMissing =
  found === undefined ? `No OpenCode program is available for ${platform} on ${arch}.` : undefined

/** The path of the real OpenCode. Use it only if {@link opencodeMissing} is `undefined`. */
export const opencodeBinary = found ?? ""

/**
 * The programs that npm may have installed with `opencode-ai`. The platform's package is first, because it is complete even when install
 * scripts are disabled.
 */
function programs(): string[] {
  const system = platform === "win32" ? "windows" : platform
  const file = platform === "win32" ? "opencode.exe" : "opencode"
  const musl = platform === "linux" && existsSync("/etc/alpine-release") ? "-musl" : ""
  const builds = ["", "-baseline"].map((build) => `opencode-${system}-${arch}${build}${musl}`)
  const ordered = arch === "x64" && !hasAvx2() ? builds.reverse() : builds
  return [...ordered.map((name) => [name, file] as const), ["opencode-ai", "opencode.exe"] as const].flatMap(
    ([name, program]) => packageFolder(name).map((folder) => join(folder, "bin", program)),
  )
}

function packageFolder(name: string): string[] {
  try {
    return [dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))]
  } catch {
    return []
  }
}

/** Without AVX2, only the baseline build runs. On systems where this is unknown, the normal build is used. */
function hasAvx2(): boolean {
  return platform !== "linux" || /\bavx2\b/.test(readFileSync("/proc/cpuinfo", "utf8"))
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
