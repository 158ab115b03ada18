import { randomBytes } from "node:crypto"
import { setTimeout as timer } from "node:timers/promises"
import { type Logger, silentLogger } from "./log/logger.ts"

/** What the library needs of the world, handed in so that a test decides the time, the dice and the network. */
export interface World {
  /** A WHATWG fetch. Called with a string URL. */
  fetch(url: string, init: RequestInit): Promise<Response>
  /** The time, epoch ms. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Cryptographically strong random bytes. */
  randomBytes(size: number): Uint8Array
  log: Logger
}

/**
 * The real world.
 * @param overrides parts to replace, for example `log`
 */
export function systemWorld(overrides: Partial<World> = {}): World {
  return {
    fetch: (url, init) => globalThis.fetch(url, init),
    now: () => Date.now(),
    sleep: async (ms, signal) => {
      await timer(ms, undefined, signal === undefined ? {} : { signal })
    },
    randomBytes: (size) => randomBytes(size),
    log: silentLogger,
    ...overrides,
  }
}
