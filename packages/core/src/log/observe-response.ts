/** How a body ended. */
export type BodyEnd = "complete" | "cancelled" | "failed"

/** A reader of a body. */
export type BodySource = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">

/** Observes a body while it is read. The methods must not throw. */
export interface BodyWatch {
  /** Called with each chunk before the reader receives it. The reader may change the chunk afterwards. */
  part(bytes: Uint8Array): void
  /** Called once when the body ends, before the reader learns of it. */
  end(how: BodyEnd, error?: unknown): void
}

/**
 * Returns an equal Response whose body is observed while it is read. Reads nothing ahead and passes a cancellation on
 * to the source. Returns the same Response if it has no body.
 * @param source the reader of the body, if the body is already locked
 */
export function observeResponse(response: Response, observer: BodyWatch, source?: BodySource): Response {
  const { body, headers, redirected, status, statusText, type, url } = response
  const copy =
    body === null ? undefined : rebuildResponse(observedBody(body, observer, source), { headers, status, statusText })
  if (copy === undefined) {
    observer.end("complete")
    return response
  }
  // The constructor of Response does not accept these properties.
  return Object.defineProperties(copy, {
    redirected: { value: redirected },
    type: { value: type },
    url: { value: url },
  })
}

/** Returns undefined, without reading the body, for a status that the constructor does not accept. */
function rebuildResponse(body: ReadableStream<Uint8Array>, init: ResponseInit): Response | undefined {
  try {
    return new Response(body, init)
  } catch {
    return undefined
  }
}

function observedBody(
  body: ReadableStream<Uint8Array>,
  observer: BodyWatch,
  source: BodySource | undefined,
): ReadableStream<Uint8Array> {
  let openReader = source
  let ended = false
  const reader = () => {
    openReader ??= body.getReader()
    return openReader
  }
  const end = (how: BodyEnd, error?: unknown) => {
    if (!ended) observer.end(how, error)
    ended = true
  }
  return new ReadableStream({
    // Like the body of a fetched Response, so that BYOB readers work.
    type: "bytes",
    async pull(controller) {
      try {
        let result = await reader().read()
        // A byte stream does not accept empty chunks.
        while (result.value?.byteLength === 0) result = await reader().read()
        // Cancelled in the meantime.
        if (ended) return
        if (result.done) {
          end("complete")
          controller.close()
          controller.byobRequest?.respond(0)
        } else {
          observer.part(result.value)
          // A copy, because a byte stream transfers the chunk's buffer.
          controller.enqueue(new Uint8Array(result.value))
        }
      } catch (error) {
        end("failed", error)
        throw error
      }
    },
    async cancel(reason) {
      end("cancelled")
      await reader().cancel(reason)
    },
  })
}
