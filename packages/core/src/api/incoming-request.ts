/** What the caller asked for, taken apart. */
export interface IncomingRequest {
  readonly url: URL
  readonly headers: RequestInit["headers"] | undefined
  readonly signal: AbortSignal | undefined
  /** Everything for fetch but URL and headers; `body` as the caller gave it. */
  readonly init: RequestInit
}

/** Takes apart what a caller passed to fetch: a URL with options, or a Request. A streamed body is read, to be sent twice. */
export async function parseFetchArguments(
  input: string | URL | Request,
  init: RequestInit = {},
): Promise<IncomingRequest> {
  const request = input instanceof Request ? input : undefined
  const body = await repeatable(init.body ?? request?.body ?? undefined)
  const signal = init.signal ?? request?.signal ?? undefined
  const method = init.method ?? request?.method ?? "GET"
  return {
    url: new URL(request?.url ?? String(input)),
    headers: init.headers ?? request?.headers,
    signal,
    init: { ...init, method, ...(signal === undefined ? {} : { signal }), ...(body === undefined ? {} : { body }) },
  }
}

async function repeatable(body: RequestInit["body"] | undefined): Promise<RequestInit["body"] | undefined> {
  return body instanceof ReadableStream ? new Uint8Array(await new Response(body).arrayBuffer()) : body
}
