import type { OAuthCredential } from "../credentials/credential.ts"

/**
 * The headers of a request on the OAuth route: the caller's, with this project's own name and the credential.
 * @param asked the caller's headers; its `Authorization` and keys are dropped
 * @param userAgent `<package>/<version> (<platform>; <arch>)`
 */
export function oauthHeaders(
  asked: RequestInit["headers"] | undefined,
  credential: OAuthCredential,
  userAgent: string,
): Headers {
  const headers = new Headers(asked)
  headers.delete("x-api-key")
  // The body may have changed length.
  headers.delete("content-length")
  headers.set("authorization", `Bearer ${credential.accessToken}`)
  headers.set("user-agent", userAgent)
  headers.set("x-dashscope-authtype", "qwen-oauth")
  headers.set("x-dashscope-cachecontrol", "enable")
  headers.set("x-dashscope-useragent", userAgent)
  return headers
}
