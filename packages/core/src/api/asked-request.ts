import { parseJsonObject } from "../http/json-object.ts"
import { oauthRequestBody } from "./request-body.ts"

/** What the caller asked for, taken apart. */
export interface AskedRequest {
  readonly url: URL
  readonly headers: RequestInit["headers"] | undefined
  readonly signal: AbortSignal | undefined
  /** Everything for fetch but URL and headers; `body` as the caller gave it. */
  readonly init: RequestInit
}

/** A body ready to send, perhaps twice. */
export interface PreparedBody {
  /** The part of `RequestInit` that differs from what was asked. */
  readonly init: Pick<RequestInit, "body">
  /** The model the caller asked for, if the body names one. */
  readonly model: string | undefined
}

/** Takes apart what a caller passed to fetch: a URL with options, or a Request. A streamed body is read, to be sent twice. */
export async function askedRequest(input: string | URL | Request, init: RequestInit = {}): Promise<AskedRequest> {
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

/** Applies the body rules to a chat request; any other body is left alone. */
export function prepareBody(asked: AskedRequest): PreparedBody {
  const { body } = asked.init
  const text = asked.url.pathname.endsWith("/chat/completions") ? bodyText(body) : undefined
  // A text that is no JSON object is not ours to judge: the service answers it.
  const chat = text === undefined ? undefined : parseJsonObject(text)
  if (chat === undefined) return { init: {}, model: undefined }
  const model = typeof chat["model"] === "string" ? chat["model"] : undefined
  return { init: { body: JSON.stringify(oauthRequestBody(chat)) }, model }
}

function bodyText(body: unknown): string | undefined {
  if (typeof body === "string") return body
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : undefined
}
