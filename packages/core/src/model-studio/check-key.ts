import type { ApiKeyCredential } from "../credentials/credential.ts"
import { QwenAuthError } from "../errors.ts"
import { type Answer, readAnswer } from "../http/answer.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { classifyNetworkError } from "../http/classify-network-error.ts"
import { withDeadline } from "../http/deadline.ts"
import type { Platform } from "../platform.ts"

const TIMEOUT_MS = 10_000

/** The result of checking a key at an endpoint. */
export type KeyCheck =
  /** The endpoint accepts the key. `ids` are the ids of its models, empty if the answer does not list them. */
  | { readonly kind: "accepted"; readonly ids: readonly string[] }
  /** The endpoint rejects the key. */
  | { readonly kind: "refused" }
  /**
   * The check gave no conclusion. `why` is the reason for the user. `permanent` is true if a later check would have the
   * same result. It is false after a network error, a web page or an error of the service.
   */
  | { readonly kind: "unknown"; readonly why: string; readonly permanent: boolean }

/** A key and the endpoint where it is checked. */
export type CheckedKey = Pick<ApiKeyCredential, "apiKey" | "baseUrl">

interface CheckRequest {
  /** The path below the base URL. */
  readonly path: string
  /** The JSON document of a POST; without it, the request is a GET. */
  readonly document?: unknown
  readonly userAgent?: string | undefined
  /** Returns what an answer says about the key. */
  readonly classify: (answer: Answer) => KeyCheck
}

/**
 * Checks a key with one small request. Takes at most 10 s and follows no redirect.
 * @throws QwenAuthError `aborted`
 */
export async function checkKey(
  platform: Platform,
  { baseUrl, apiKey }: CheckedKey,
  { path, document, userAgent, classify }: CheckRequest,
  signal?: AbortSignal,
): Promise<KeyCheck> {
  // The address may come from a host's record or a cache. A key is sent only to Model Studio.
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (url === undefined || !isAllowedApiUrl(url)) return noConclusion("not a Model Studio API address")
  const headers = new Headers({ authorization: `Bearer ${apiKey}`, accept: "application/json" })
  if (userAgent !== undefined) headers.set("user-agent", userAgent)
  if (document !== undefined) headers.set("content-type", "application/json")
  const post = document === undefined ? {} : { method: "POST", body: JSON.stringify(document) }
  let answer: Answer
  try {
    answer = await withDeadline(platform, TIMEOUT_MS, url.host, signal, async (deadline) =>
      readAnswer(await platform.fetch(`${baseUrl}${path}`, { ...post, headers, redirect: "manual", signal: deadline })),
    )
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) return noConclusion(classifyNetworkError(error).text)
    if (error.code === "aborted") throw error
    return noConclusion(error.message)
  }
  return answer.status === 407 ? noConclusion("the proxy requires a user name and password") : classify(answer)
}

/** Returns the result of a check that gave no conclusion; see {@link KeyCheck}. */
export function noConclusion(why: string, permanent = false): KeyCheck {
  return { kind: "unknown", why, permanent }
}
