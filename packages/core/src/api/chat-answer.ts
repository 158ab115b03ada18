import { isHtml } from "../http/answer.ts"
import { type BodyWatch, observeResponse } from "../log/observe-response.ts"
import type { Platform } from "../platform.ts"
import { readBodyStart } from "./body-start.ts"
import { findErrorDocument } from "./error-document.ts"

/**
 * Maximum wait for the first part of a response, ms. Errors arrive immediately. A model may think for minutes, and
 * hosts limit the time until the headers.
 */
const START_TIMEOUT_MS = 3_000
/** Maximum length of an error, bytes. */
const MAX_ERROR_BYTES = 16 * 1024

const NOTHING = new Uint8Array()
const decoder = new TextDecoder()
const UNWATCHED: BodyWatch = { part() {}, end() {} }

/** The response to a chat request with a successful status. */
export type ChatAnswer =
  /** A response that the host gets unchanged and without delay. */
  | { readonly good: Response }
  /** A response with an error that must be explained. */
  | { readonly bad: Response }

/**
 * Checks the beginning of a response to a chat request. A streaming request must get an event stream (or a body
 * without a content type), any other request any body. Neither may begin with an error.
 * @param wantsStream returns true if the request asked for a stream; called only if the content type is not conclusive
 * @param watch observes a good stream
 * @throws the error of the body before its first part (reset, abort)
 */
export async function openChatAnswer(
  platform: Pick<Platform, "setTimeout">,
  response: Response,
  wantsStream: () => boolean,
  watch: BodyWatch,
): Promise<ChatAnswer> {
  const type = response.headers.get("content-type")?.trim() ?? ""
  const eventStream = /^text\/event-stream\b/i.test(type)
  const stream = eventStream || wantsStream()
  if (response.body === null || isHtml(response.headers) || (stream && !eventStream && type !== "")) {
    return { bad: response }
  }
  const { first = NOTHING, empty, source } = await readBodyStart(platform, response.body, START_TIMEOUT_MS)
  const text = decoder.decode(first.subarray(0, MAX_ERROR_BYTES))
  // A web page may come without its content type.
  const wrong = stream ? /^\s*[{<]/ : /^\s*</
  if (empty || wrong.test(text)) return { bad: observeResponse(response, UNWATCHED, source) }
  if (findErrorDocument(text) === undefined) {
    return { good: observeResponse(response, stream ? watch : UNWATCHED, source) }
  }
  // Do not wait for the rest: the service may keep the connection open.
  source.cancel().catch(() => {})
  return { bad: new Response(text, { headers: response.headers, status: response.status }) }
}
