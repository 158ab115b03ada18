import type { LogFields, Platform } from "qwen-auth-core"

/** The time at which every fake platform starts, epoch ms. */
export const START = Date.parse("2026-11-02T10:00:00Z")

/** A request, as the network received it. */
interface SeenRequest {
  /** ms since {@link START} */
  readonly at: number
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: RequestInit["body"] | undefined
  readonly redirect: string | undefined
  readonly signal: AbortSignal | undefined
  /** The body as a form. */
  readonly form: Readonly<Record<string, string>>
}

/** Answers one request. */
export type Reply = (request: SeenRequest) => Response | Promise<Response>

interface LogLine {
  readonly level: "debug" | "warn" | "error"
  readonly message: string
  readonly fields: LogFields | undefined
}

/** A platform whose clock, random numbers, network and log the test controls. */
export interface FakePlatform extends Platform {
  /** Every request, in order. */
  readonly requests: SeenRequest[]
  /** The time of each request, ms since {@link START}. */
  requestTimes(): number[]
  /** The duration of every completed wait, ms. */
  readonly waits: number[]
  /** The number of waits that have not ended, to find timers that were not cleared. */
  openWaits(): number
  readonly logged: LogLine[]
  /** Advances the clock by `ms` and ends the waits that are then over. */
  pass(ms: number): void
  /** Runs the task of every interval once. */
  beat(): Promise<void>
  /** The number of active intervals, to find intervals that were not cleared. */
  beating(): number
}

export interface FakePlatformOptions {
  /** The replies, in order. */
  replies?: readonly Reply[]
  /** The reply when `replies` are used up. Without it, such a request fails. */
  rest?: Reply | undefined
  /** With `false`, only `pass` advances the clock. Otherwise it jumps to the end of the next wait when the test is idle. */
  autoAdvance?: boolean
  randomBytes?: (size: number) => Uint8Array
  pid?: number
  host?: string
  /** The user's time zone; UTC by default. */
  timeZone?: string
  /** Whether a process of this machine exists. By default, all do. */
  isAlive?: (pid: number) => boolean
}

/** Number of event loop turns after which the test counts as idle. Promises settle within one. */
const IDLE_TICKS = 3

export function fakePlatform(options: FakePlatformOptions = {}): FakePlatform {
  const replies = [...(options.replies ?? [])]
  const requests: SeenRequest[] = []
  const waits: number[] = []
  const logged: LogLine[] = []
  const intervals = new Set<{ readonly task: () => Promise<void> }>()
  const open = new Set<{ readonly at: number; readonly ms: number; readonly end: () => void }>()
  let time = START
  let nextByte = 0
  let running = false

  function endNext(until: number): boolean {
    const [next] = [...open].sort((a, b) => a.at - b.at)
    if (next === undefined || next.at > until) return false
    open.delete(next)
    time = Math.max(time, next.at)
    waits.push(next.ms)
    next.end()
    return true
  }

  async function run(): Promise<void> {
    running = true
    do {
      for (let tick = 0; tick < IDLE_TICKS; tick++) await new Promise((resolve) => setImmediate(resolve))
    } while (endNext(Number.POSITIVE_INFINITY))
    running = false
  }

  const log = (level: LogLine["level"]) => (message: string, fields?: LogFields) => {
    logged.push({ level, message, fields })
  }

  return {
    requests,
    waits,
    logged,
    openWaits: () => open.size,
    requestTimes: () => requests.map((request) => request.at),
    pass(ms) {
      const until = time + ms
      while (endNext(until));
      time = until
    },
    beating: () => intervals.size,
    async beat() {
      await Promise.all([...intervals].map(({ task }) => task()))
    },
    now: () => time,
    pid: options.pid ?? 4242,
    host: options.host ?? "this-machine",
    timeZone: options.timeZone ?? "UTC",
    isAlive: options.isAlive ?? (() => true),
    setInterval(_, task) {
      const interval = { task }
      intervals.add(interval)
      return () => intervals.delete(interval)
    },
    setTimeout(ms, task) {
      const wait = { at: time + ms, ms, end: task }
      open.add(wait)
      if (options.autoAdvance !== false && !running) void run()
      return () => open.delete(wait)
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const wait = { at: time + ms, ms, end: () => finish(resolve) }
        const abort = () => open.delete(wait) && finish(() => reject(signal?.reason))
        const finish = (settle: () => void) => {
          signal?.removeEventListener("abort", abort)
          settle()
        }
        open.add(wait)
        signal?.addEventListener("abort", abort, { once: true })
        if (options.autoAdvance !== false && !running) void run()
      }),
    randomBytes: options.randomBytes ?? ((size) => Uint8Array.from({ length: size }, () => nextByte++ % 256)),
    log: { debug: log("debug"), warn: log("warn"), error: log("error") },
    async fetch(url, init) {
      const request: SeenRequest = {
        at: time - START,
        url,
        method: init.method ?? "GET",
        headers: new Headers(init.headers),
        body: init.body ?? undefined,
        redirect: init.redirect,
        signal: init.signal ?? undefined,
        form: typeof init.body === "string" ? Object.fromEntries(new URLSearchParams(init.body)) : {},
      }
      requests.push(request)
      const reply = replies.shift() ?? options.rest
      if (reply === undefined) throw new Error("the test did not expect this request")
      return reply(request)
    },
  }
}
