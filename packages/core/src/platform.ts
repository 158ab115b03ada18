import { randomBytes } from "node:crypto"
import { hostname } from "node:os"
import { setTimeout as timer } from "node:timers/promises"
import { type Logger, silentLogger } from "./log/logger.ts"

/** The system services that this library uses. Tests replace them to control time, randomness and network. */
export interface Platform {
  /** A WHATWG fetch. Called with a string URL. */
  fetch(url: string, init: RequestInit): Promise<Response>
  /** Returns the current time, epoch ms. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `task` after `ms` milliseconds unless the returned function is called first. Cheaper than an aborted `sleep`. */
  setTimeout(ms: number, task: () => void): () => void
  /** Runs `task` every `ms` milliseconds until the returned function is called. Does not keep the process alive. */
  setInterval(ms: number, task: () => Promise<void>): () => void
  /** Returns cryptographically strong random bytes. */
  randomBytes(size: number): Uint8Array
  /** The id of this process. Other processes use it to check whether the holder of a lock still runs. */
  readonly pid: number
  /** The name of this machine, because a process id is valid on one machine only. */
  readonly host: string
  /** Returns whether a process exists on this machine; true if that cannot be determined. */
  isAlive(pid: number): boolean
  /** The user's time zone for times in messages (IANA name). Default: the system's. */
  readonly timeZone?: string | undefined
  log: Logger
}

/**
 * Returns the platform of this Node.js or Bun process.
 * @param overrides members to replace, for example `log`
 */
export function nodePlatform(overrides: Partial<Platform> = {}): Platform {
  return {
    fetch: (url, init) => globalThis.fetch(url, init),
    now: () => Date.now(),
    sleep: (ms, signal) => timer(ms, undefined, { signal }),
    setTimeout(ms, task) {
      const timeout = setTimeout(task, ms)
      return () => clearTimeout(timeout)
    },
    setInterval(ms, task) {
      const interval = setInterval(() => void task(), ms)
      interval.unref()
      return () => clearInterval(interval)
    },
    randomBytes: (size) => randomBytes(size),
    pid: process.pid,
    host: hostname(),
    isAlive,
    log: silentLogger,
    ...overrides,
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM means that the process exists and belongs to another user.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH")
  }
}
