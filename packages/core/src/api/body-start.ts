import type { BodySource } from "../log/observe-response.ts"
import type { Platform } from "../platform.ts"

/** The beginning of a body, and the body as if nobody had read of it. */
export interface BodyStart {
  /** The first part; undefined when it did not come in time, or when there is none. */
  readonly first: Uint8Array | undefined
  /** The body ended and had nothing in it. */
  readonly empty: boolean
  /** Gives the whole body, its first part too. */
  readonly source: BodySource
}

/**
 * Waits for the first part of a body. This delays no byte: the wait ends when the part comes, and the part is the first that the
 * body then gives.
 * @param ms the longest wait
 * @throws what the body throws before its first part (reset, abort)
 */
export async function readBodyStart(
  platform: Pick<Platform, "sleep">,
  body: ReadableStream<Uint8Array>,
  ms: number,
): Promise<BodyStart> {
  const reader = body.getReader()
  const reading = reader.read()
  // When the wait ends first, the one who reads the body meets the failure.
  reading.catch(() => {})
  const timer = new AbortController()
  const timeout = platform.sleep(ms, timer.signal).then(
    () => undefined,
    () => undefined,
  )
  try {
    const result = await Promise.race([reading, timeout])
    return { first: result?.value, empty: result?.done === true, source: resume(reader, reading) }
  } finally {
    timer.abort()
  }
}

/** Gives the part that is being read already before the others. */
function resume(reader: ReadableStreamDefaultReader<Uint8Array>, reading: ReturnType<BodySource["read"]>): BodySource {
  let begun: typeof reading | undefined = reading
  return {
    read() {
      const next = begun ?? reader.read()
      begun = undefined
      return next
    },
    cancel: (reason) => reader.cancel(reason),
  }
}
