import type { OAuthCredential } from "../credentials/credential.ts"

/**
 * Returns the headers of a request on the OAuth route: the caller's, with our `User-Agent` and the credential.
 * @param callerHeaders the caller's headers; its `Authorization` and `x-api-key` are replaced
 * @param userAgent `<package>/<version> (<platform>; <arch>)`
 */
export function oauthHeaders(callerHeaders: Headers, credential: OAuthCredential, userAgent: string): Headers {
  const headers = withBearer(callerHeaders, credential.accessToken)
  headers.set("user-agent", userAgent)
  headers.set("x-dashscope-authtype", "qwen-oauth")
  headers.set("x-dashscope-cachecontrol", "enable")
  headers.set("x-dashscope-useragent", userAgent)
  return headers
}

/**
 * Returns the headers of a request with an API key: the caller's, including its `User-Agent`, with the key.
 * @param promptCache whether the marks in the body have an effect
 */
export function keyHeaders(callerHeaders: Headers, apiKey: string, promptCache: boolean): Headers {
  const headers = withBearer(callerHeaders, apiKey)
  if (promptCache) headers.set("x-dashscope-cachecontrol", "enable")
  return headers
}

function withBearer(callerHeaders: Headers, token: string): Headers {
  const headers = new Headers(callerHeaders)
  headers.delete("x-api-key")
  // The length of the body may have changed.
  headers.delete("content-length")
  headers.set("authorization", `Bearer ${token}`)
  return headers
}
