import { QwenAuthError } from "../errors.ts"
import { type Answer, readAnswer } from "../http/answer.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { withDeadline } from "../http/deadline.ts"
import { networkErrorText } from "../http/network-trouble.ts"
import type { Platform } from "../platform.ts"

const TIMEOUT_MS = 10_000

interface KeyRequest {
  /** The path below the base URL. */
  readonly path: string
  /** The JSON document of a POST; without it, the request is a GET. */
  readonly document?: unknown
  readonly userAgent?: string | undefined
}

/**
 * Sends a small request with a key and reads the answer. Takes at most 10 s and follows no redirect.
 * @returns the answer, or `why`: the reason in words if none came
 * @throws QwenAuthError `aborted`
 */
export async function requestWithKey(
  platform: Platform,
  { baseUrl, apiKey }: { readonly baseUrl: string; readonly apiKey: string },
  { path, document, userAgent }: KeyRequest,
  signal?: AbortSignal,
): Promise<Answer | { readonly why: string }> {
  // The address may come from a host's record or a cache. A key is sent only to Model Studio.
  if (!URL.canParse(baseUrl) || !isAllowedApiUrl(new URL(baseUrl))) return { why: "not a Model Studio API address" }
  const headers = {
    authorization: `Bearer ${apiKey}`,
    accept: "application/json",
    ...(userAgent === undefined ? {} : { "user-agent": userAgent }),
  }
  const init =
    document === undefined
      ? { headers }
      : {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify(document),
        }
  try {
    const { host } = new URL(baseUrl)
    const answer = await withDeadline(platform, TIMEOUT_MS, host, signal, async (deadline) =>
      readAnswer(await platform.fetch(`${baseUrl}${path}`, { ...init, redirect: "manual", signal: deadline })),
    )
    return answer.status === 407 ? { why: "the proxy requires a user name and password" } : answer
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) return { why: networkErrorText(error).text }
    if (error.code === "aborted") throw error
    return { why: error.message }
  }
}
