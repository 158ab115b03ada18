import { randomBytes } from "node:crypto"
import { hostname } from "node:os"
import { setTimeout as timer } from "node:timers/promises"
import { type Logger, silentLogger } from "./log/logger.ts"

/** What the library needs of the world, handed in so that a test decides the time, the dice and the network. */
export interface Platform {
  /** A WHATWG fetch. Called with a string URL. */
  fetch(url: string, init: RequestInit): Promise<Response>
  /** The time, epoch ms. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Runs `task` every `ms` milliseconds until the returned function is called. Keeps no process alive. */
  setInterval(ms: number, task: () => Promise<void>): () => void
  /** Cryptographically strong random bytes. */
  randomBytes(size: number): Uint8Array
  /** This process and this machine, by which others can tell whether a lock's holder is gone. */
  readonly pid: number
  readonly host: string
  /** Whether a process of this machine exists; true when that cannot be told. */
  isAlive(pid: number): boolean
  log: Logger
}

/**
 * The real world.
 * @param overrides parts to replace, for example `log`
 */
export function nodePlatform(overrides: Partial<Platform> = {}): Platform {
  return {
    fetch: (url, init) => globalThis.fetch(url, init),
    now: () => Date.now(),
    sleep: async (ms, signal) => {
      await timer(ms, undefined, signal === undefined ? {} : { signal })
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
    // EPERM: it exists and is another user's.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH")
  }
}
