import type { BodySource } from "../log/observe-response.ts"
import type { Platform } from "../platform.ts"

/** The first part of a body, and the complete body. */
export interface BodyStart {
  /** The first part; undefined when it did not arrive in time or when the body is empty. */
  readonly first: Uint8Array | undefined
  /** True when the body ended without content. */
  readonly empty: boolean
  /** Reads the complete body, including the first part. */
  readonly source: BodySource
}

/**
 * Waits for the first part of a body. The wait ends as soon as the part arrives, so no byte is delayed.
 * @param ms maximum wait, ms
 * @throws the error of the body before its first part (reset, abort)
 */
export async function readBodyStart(
  platform: Pick<Platform, "setTimeout">,
  body: ReadableStream<Uint8Array>,
  ms: number,
): Promise<BodyStart> {
  const reader = body.getReader()
  const reading = reader.read()
  const result = await new Promise<Awaited<typeof reading> | undefined>((resolve, reject) => {
    const stopTimer = platform.setTimeout(ms, () => resolve(undefined))
    // After a timeout, the reader of the body receives the error.
    reading.then(resolve, reject).finally(stopTimer)
  })
  return { first: result?.value, empty: result?.done === true, source: resume(reader, reading) }
}

/** Returns the pending first read before the remaining parts. */
function resume(reader: ReadableStreamDefaultReader<Uint8Array>, reading: ReturnType<BodySource["read"]>): BodySource {
  let pending: typeof reading | undefined = reading
  return {
    read() {
      const next = pending ?? reader.read()
      pending = undefined
      return next
    },
    cancel: (reason) => reader.cancel(reason),
  }
}
