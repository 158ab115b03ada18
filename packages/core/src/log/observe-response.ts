/** How a body ended. */
export type BodyEnd = "complete" | "cancelled" | "failed"

/** Gives a body part by part. */
export type BodySource = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">

/** Watches a body. Must not throw. */
export interface BodyWatch {
  /** A part passes on its way to the reader, who may change it afterwards. */
  part(bytes: Uint8Array): void
  /** The body has ended; told once, before the reader knows. */
  end(how: BodyEnd, error?: unknown): void
}

/**
 * An equal Response whose body is watched while its reader reads it: nothing is read ahead, a cancellation reaches the source. An
 * answer without a body stays itself.
 * @param begun gives the body, when someone has begun to read it
 */
export function observeResponse(response: Response, watch: BodyWatch, begun?: BodySource): Response {
  const { body, headers, redirected, status, statusText, type, url } = response
  const copy = body === null ? undefined : rebuilt(tapped(body, watch, begun), { headers, status, statusText })
  if (copy === undefined) {
    watch.end("complete")
    return response
  }
  // A Response that is made has none of these, and they cannot be handed to it.
  return Object.defineProperties(copy, {
    redirected: { value: redirected },
    type: { value: type },
    url: { value: url },
  })
}

/** Undefined for a status that no Response can be made with; its body was not touched then. */
function rebuilt(body: ReadableStream<Uint8Array>, init: ResponseInit): Response | undefined {
  try {
    return new Response(body, init)
  } catch {
    return undefined
  }
}

function tapped(
  body: ReadableStream<Uint8Array>,
  watch: BodyWatch,
  begun: BodySource | undefined,
): ReadableStream<Uint8Array> {
  let source = begun
  let ended = false
  const reader = () => {
    source ??= body.getReader()
    return source
  }
  const end = (how: BodyEnd, error?: unknown) => {
    if (!ended) watch.end(how, error)
    ended = true
  }
  // A byte stream takes no empty part.
  const read = async () => {
    try {
      let result = await reader().read()
      while (result.value?.byteLength === 0) result = await reader().read()
      return result
    } catch (error) {
      end("failed", error)
      throw error
    }
  }
  return new ReadableStream({
    // As the body of a network's answer is: a reader may bring its own buffers.
    type: "bytes",
    async pull(controller) {
      const { done, value } = await read()
      // Cancelled meanwhile: nobody is there to tell.
      if (ended) return
      if (done) {
        end("complete")
        controller.close()
        controller.byobRequest?.respond(0)
      } else {
        watch.part(value)
        // A copy, because a byte stream takes the memory of a part over.
        controller.enqueue(new Uint8Array(value))
      }
    },
    async cancel(reason) {
      end("cancelled")
      await reader().cancel(reason)
    },
  })
}
