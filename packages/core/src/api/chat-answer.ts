import { isHtml } from "../http/answer.ts"
import { type BodyWatch, observeResponse } from "../log/observe-response.ts"
import type { Platform } from "../platform.ts"
import { readBodyStart } from "./body-start.ts"
import { findErrorDocument } from "./error-document.ts"

/**
 * The longest wait for the beginning of an answer, ms. Errors come at once; a model may think for minutes, and hosts limit the
 * time until the headers.
 */
const START_TIMEOUT_MS = 3_000
/** An error is not longer, bytes. */
const LONGEST_ERROR = 16 * 1024

const UNWATCHED: BodyWatch = { part() {}, end() {} }

/** What a chat request got with a status of success. */
export type ChatAnswer =
  /** For the host: the same bytes, at the same time. */
  | { readonly good: Response }
  /** To be read and explained. */
  | { readonly bad: Response }

/**
 * Looks at the beginning of an answer to a chat request. Who asks for a stream is answered by an event stream (or by a body without a
 * content type); who does not, by any body. Neither begins with an error.
 * @param wantsStream whether the request asked for a stream; only called when the content type does not tell
 * @param watch watches a good stream
 * @throws what the body throws before its first part (reset, abort)
 */
export async function openChatAnswer(
  platform: Pick<Platform, "sleep">,
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
  const { first, empty, source } = await readBodyStart(platform, response.body, START_TIMEOUT_MS)
  const text = first === undefined ? "" : new TextDecoder().decode(first.subarray(0, LONGEST_ERROR))
  if (empty || (stream && /^\s*[{<]/.test(text))) return { bad: observeResponse(response, UNWATCHED, source) }
  if (findErrorDocument(text) === undefined) {
    return { good: observeResponse(response, stream ? watch : UNWATCHED, source) }
  }
  // What comes after the error is not waited for: the service may keep the connection open.
  source.cancel().catch(() => {})
  return { bad: new Response(text, { headers: response.headers, status: response.status }) }
}
