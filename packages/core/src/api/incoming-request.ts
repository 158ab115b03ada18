/** The parsed arguments of a `fetch` call. */
export interface IncomingRequest {
  readonly url: URL
  /** The caller's headers. Never changed. */
  readonly headers: Headers
  readonly signal: AbortSignal | undefined
  /** All other options for `fetch`; `body` can be sent more than once. */
  readonly init: RequestInit
}

/** Parses the arguments of a `fetch` call. Reads a streamed body into memory, so that it can be sent twice. */
export async function parseFetchArguments(
  input: string | URL | Request,
  init: RequestInit = {},
): Promise<IncomingRequest> {
  const request = input instanceof Request ? input : undefined
  const given = init.body ?? request?.body ?? undefined
  const body = given instanceof ReadableStream ? new Uint8Array(await new Response(given).arrayBuffer()) : given
  const signal = init.signal ?? request?.signal ?? undefined
  const method = init.method ?? request?.method ?? "GET"
  return {
    url: new URL(request?.url ?? String(input)),
    headers: new Headers(init.headers ?? request?.headers),
    signal,
    init: { ...init, method, ...(signal === undefined ? {} : { signal }), ...(body === undefined ? {} : { body }) },
  }
}
