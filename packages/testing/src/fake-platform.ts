import type { LogFields, Platform } from "qwen-auth-core"

/** When every fake world begins, epoch ms. */
export const START = Date.parse("2026-11-02T10:00:00Z")

/** One request as the network would have seen it. */
interface SeenRequest {
  /** ms since the world began */
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

/** How the network answers one request. */
export type Reply = (request: SeenRequest) => Response | Promise<Response>

interface LogLine {
  readonly level: "debug" | "warn" | "error"
  readonly message: string
  readonly fields: LogFields | undefined
}

/** A world whose clock, dice, network and log belong to the test. */
export interface FakePlatform extends Platform {
  /** Every request, in order. */
  readonly requests: SeenRequest[]
  /** When each request was made, ms since the world began. */
  requestTimes(): number[]
  /** The length of every wait that ran its full time, ms. */
  readonly waits: number[]
  /** Waits that have not ended: a timer left behind shows here. */
  openWaits(): number
  readonly logged: LogLine[]
  /** Moves the clock on and ends the waits that are then over. */
  pass(ms: number): void
  /** Runs what is to be done every so often, once. */
  beat(): Promise<void>
  /** How many things are to be done every so often: one left behind shows here. */
  beating(): number
}

export interface FakeWorldOptions {
  /** Answers, in order. */
  replies?: readonly Reply[]
  /** The answer when `replies` are used up; without it such a request is refused. */
  rest?: Reply
  /** With `false` the clock moves only by `pass`; otherwise it jumps to the next wait's end when nothing else happens. */
  autoAdvance?: boolean
  randomBytes?: (size: number) => Uint8Array
  pid?: number
  host?: string
  /** Whether a process of this machine exists; all do unless told otherwise. */
  isAlive?: (pid: number) => boolean
}

/** Macrotask turns without news that count as "nothing else happens". Promises settle well within one. */
const IDLE_TURNS = 3

export function fakePlatform(options: FakeWorldOptions = {}): FakePlatform {
  const replies = [...(options.replies ?? [])]
  const requests: SeenRequest[] = []
  const waits: number[] = []
  const logged: LogLine[] = []
  const beats = new Set<{ readonly task: () => Promise<void> }>()
  const open = new Set<{ readonly at: number; readonly ms: number; readonly end: () => void }>()
  let time = START
  let dice = 0
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
      for (let lock = 0; lock < IDLE_TURNS; lock++) await new Promise((resolve) => setImmediate(resolve))
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
    beating: () => beats.size,
    async beat() {
      await Promise.all([...beats].map(({ task }) => task()))
    },
    now: () => time,
    pid: options.pid ?? 4242,
    host: options.host ?? "this-machine",
    isAlive: options.isAlive ?? (() => true),
    setInterval(_, task) {
      const beat = { task }
      beats.add(beat)
      return () => beats.delete(beat)
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const wait = { at: time + ms, ms, end: () => toClientResponse(resolve) }
        const giveUp = () => open.delete(wait) && toClientResponse(() => reject(signal?.reason))
        const toClientResponse = (settle: () => void) => {
          signal?.removeEventListener("abort", giveUp)
          settle()
        }
        open.add(wait)
        signal?.addEventListener("abort", giveUp, { once: true })
        if (options.autoAdvance !== false && !running) void run()
      }),
    randomBytes: options.randomBytes ?? ((size) => Uint8Array.from({ length: size }, () => dice++ % 256)),
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
