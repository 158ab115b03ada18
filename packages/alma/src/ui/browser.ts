import type { SpawnOptions } from "node:child_process"
import type { Platform } from "qwen-auth-core"
import { NoAnswerError, withTimeout } from "qwen-auth-core/internal"
import type { AlmaUi } from "../host.ts"

/** Time to wait for one way of opening the browser, ms. An opener that still runs then has found a browser. */
const OPEN_TIMEOUT_MS = 2_000

/** Opens a web address. Resolves to whether it was opened, as far as that can be known. Never rejects. */
export type OpenInBrowser = (url: string) => Promise<boolean>

/** The parts of a system that can open a browser. */
export interface BrowserSystem {
  readonly os: NodeJS.Platform
  /** Electron's module, which exists inside Alma only. */
  electron(): Promise<{ readonly shell?: unknown }>
  spawn(command: string, args: readonly string[], options: SpawnOptions): Promise<OpenerProcess>
}

/** The part of Node's `ChildProcess` that is used. */
interface OpenerProcess {
  on(event: "error", listener: () => void): unknown
  on(event: "exit", listener: (code: number | null) => void): unknown
  unref(): void
}

const THIS_SYSTEM: BrowserSystem = {
  os: process.platform,
  electron: () => import("electron"),
  async spawn(...given) {
    const { spawn } = await import("node:child_process")
    return spawn(...given)
  },
}

/** The systems' programs that open a web address. `cmd /c start` would truncate it at an `&`. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
}

/** Opens addresses with the first of these that exists and works: Alma's `openExternal`, Electron's `shell`, the system's opener. */
export function browserOpener(
  platform: Pick<Platform, "setTimeout" | "log">,
  ui: Pick<AlmaUi, "openExternal">,
  system: BrowserSystem = THIS_SYSTEM,
): OpenInBrowser {
  const withAlma = async (url: string) => ui.openExternal !== undefined && (await ui.openExternal(url)) !== false
  const withElectron = async (url: string) => {
    const { shell } = await system.electron()
    if (typeof shell !== "object" || shell === null || !("openExternal" in shell)) return false
    if (typeof shell.openExternal !== "function") return false
    await shell.openExternal(url)
    return true
  }
  return async (url) => {
    // An address with another scheme could start a program, and one with a leading dash would be an option.
    if (!/^https?:\/\//i.test(url)) return false
    for (const open of [withAlma, withElectron, (address: string) => openWithSystem(system, address)]) {
      try {
        if (await withTimeout(platform, OPEN_TIMEOUT_MS, () => open(url))) return true
      } catch (error) {
        if (error instanceof NoAnswerError) return true
        platform.log.debug("A way to open the browser failed.", { error })
      }
    }
    return false
  }
}

/** Starts the system's opener. The address is an argument that no shell reads. */
async function openWithSystem({ os, spawn }: BrowserSystem, url: string): Promise<boolean> {
  const [command, ...options] = OPENERS[os] ?? ["xdg-open"]
  const child = await spawn(command, [...options, url], { stdio: "ignore", detached: true })
  return new Promise((resolve) => {
    // A missing program is an event. Without a listener it would end the process.
    child.on("error", () => resolve(false))
    child.on("exit", (code) => resolve(code === 0))
    child.unref()
  })
}
