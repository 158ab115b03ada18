import type { IncomingMessage, ServerResponse } from "node:http"
import type { Fetch } from "qwen-auth-core"
import { fieldsOf } from "qwen-auth-core/internal"
import { requestHeaders, responseHeaders } from "./forwarded-headers.ts"
import { keepAlive } from "./keep-alive.ts"
import type { GatewayLimits } from "./limits.ts"
import { anthropicError, type ErrorFormat, Refusal, sendJson } from "./refusal.ts"

/** The fetch uses only the path of an address. It knows the host from the credential. */
const ANY_ORIGIN = "http://gateway.invalid"

/** Options of {@link forward}. */
export interface ForwardOptions {
  readonly fetch: Fetch
  readonly localKey: string
  readonly limits: Pick<GatewayLimits, "idleMs" | "totalMs">
  /** The silence after which a stream gets a comment, ms; undefined for none. */
  readonly keepAliveMs: number | undefined
}

/** A request to forward. */
export interface Forwarded {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** `/v1/…`, with the query */
  readonly target: string
  readonly body: string
  readonly format: ErrorFormat
  /** Aborts when the gateway stops. */
  readonly stopped: AbortSignal
  /** Receives the bytes of the answer. */
  readonly watch: ((bytes: Uint8Array) => void) | undefined
}

/**
 * Forwards a request to the service, and its answer to the client as the bytes arrive. A client that leaves cancels the
 * request; a client that reads slowly makes the service wait. An answer that breaks off breaks off for the client too.
 * @throws Refusal 504 `gateway_timeout` before the answer began
 */
export async function forward(options: ForwardOptions, forwarded: Forwarded): Promise<void> {
  const { request, response, format } = forwarded
  const ending = answerEnding(options.limits, response, forwarded.stopped)
  try {
    const answer = await options.fetch(ANY_ORIGIN + withoutKey(forwarded.target, options.localKey), {
      method: "POST",
      headers: requestHeaders(request.headers, options.localKey),
      body: forwarded.body,
      signal: ending.signal,
    })
    ending.postpone()
    if (!answer.ok && format === "anthropic") return await sendAnthropicError(response, answer)
    response.writeHead(answer.status, responseHeaders(answer.headers))
    await pipe(answer, response, ending, options.keepAliveMs, forwarded.watch)
  } catch (error) {
    if (ending.why === "client_left") return
    if (response.headersSent) return void response.destroy()
    if (ending.why === "timeout") throw new Refusal(504, "gateway_timeout", "Qwen did not answer in time. Try again.")
    if (ending.why === "stopped") throw new Refusal(503, "gateway_stopped", "The gateway was stopped.")
    throw error
  } finally {
    ending.settle()
  }
}

function withoutKey(target: string, localKey: string): string {
  return target.includes(localKey) ? target.replace(/\?.*/s, "") : target
}

/** Ends an answer early, and says why. */
interface AnswerEnding {
  readonly signal: AbortSignal
  readonly why: "client_left" | "timeout" | "stopped" | undefined
  /** Reports that something arrived or was read. */
  postpone(): void
  /** Ends the timers and listeners. */
  settle(): void
}

/** There is one controller for all reasons: `AbortSignal.any` keeps each answer in memory as long as the gateway runs. */
function answerEnding(
  { idleMs, totalMs }: Pick<GatewayLimits, "idleMs" | "totalMs">,
  response: ServerResponse,
  stopped: AbortSignal,
): AnswerEnding {
  const controller = new AbortController()
  let why: AnswerEnding["why"]
  const end = (reason: NonNullable<AnswerEnding["why"]>) => () => {
    why ??= reason
    controller.abort(new Error(reason))
  }
  const [left, stop] = [end("client_left"), end("stopped")]
  const idle = setTimeout(end("timeout"), idleMs)
  const total = setTimeout(end("timeout"), totalMs)
  response.once("close", left)
  stopped.addEventListener("abort", stop, { once: true })
  if (stopped.aborted) stop()
  return {
    signal: controller.signal,
    get why() {
      return why
    },
    postpone: () => void idle.refresh(),
    settle() {
      clearTimeout(idle)
      clearTimeout(total)
      response.off("close", left)
      stopped.removeEventListener("abort", stop)
    },
  }
}

async function pipe(
  answer: Response,
  response: ServerResponse,
  ending: AnswerEnding,
  keepAliveMs: number | undefined,
  watch: Forwarded["watch"],
): Promise<void> {
  if (answer.body === null) return void response.end()
  const isStream = /^text\/event-stream\b/i.test(answer.headers.get("content-type") ?? "")
  const gather = gatherWrites(response)
  gather()
  // A client learns of a stream before its first event.
  if (isStream) response.flushHeaders()
  const comments = isStream && keepAliveMs !== undefined ? keepAlive(response, keepAliveMs) : undefined
  const reader = answer.body.getReader()
  const { signal } = ending
  const cancel = () => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener("abort", cancel, { once: true })
  try {
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) break
      ending.postpone()
      comments?.sent(value)
      watch?.(value)
      gather()
      if (!response.write(value)) await drained(response, signal)
      ending.postpone()
    }
    response.end()
  } finally {
    signal.removeEventListener("abort", cancel)
    comments?.stop()
  }
}

/**
 * Returns a function that gathers everything that is written until the end of this event loop iteration and then sends
 * it at once. A short answer then takes one system call instead of three.
 */
function gatherWrites(response: ServerResponse): () => void {
  let gathering = false
  return () => {
    if (gathering) return
    gathering = true
    response.cork()
    setImmediate(() => {
      gathering = false
      response.uncork()
    })
  }
}

/** Resolves when the client has read what was written; rejects when it leaves or the answer is ended. */
function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      response.off("drain", onDrain)
      signal.removeEventListener("abort", onAbort)
      settle()
    }
    const onDrain = () => end(resolve)
    const onAbort = () => end(() => reject(signal.reason))
    response.once("drain", onDrain)
    signal.addEventListener("abort", onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}

/** Core explains every failure in OpenAI's format. */
async function sendAnthropicError(response: ServerResponse, answer: Response): Promise<void> {
  const { message = "Qwen's API refused the request.", code } = fieldsOf(fieldsOf(await answer.json())?.["error"]) ?? {}
  // Claude Code compacts the conversation when it reads these words.
  const text = `${code === "context_length_exceeded" ? "prompt is too long: " : ""}${message}`
  const wait = answer.headers.get("retry-after")
  sendJson(response, answer.status, anthropicError(answer.status, text), wait === null ? {} : { "retry-after": wait })
}
