import type { OAuthCredential } from "../credentials/credential.ts"

type Asked = RequestInit["headers"] | undefined

/**
 * The headers of a request on the OAuth route: the caller's, with this project's own name and the credential.
 * @param incoming the caller's headers; its `Authorization` and keys are dropped
 * @param userAgent `<package>/<version> (<platform>; <arch>)`
 */
export function oauthHeaders(incoming: Asked, credential: OAuthCredential, userAgent: string): Headers {
  const headers = withBearer(incoming, credential.accessToken)
  headers.set("user-agent", userAgent)
  headers.set("x-dashscope-authtype", "qwen-oauth")
  headers.set("x-dashscope-cachecontrol", "enable")
  headers.set("x-dashscope-useragent", userAgent)
  return headers
}

/** The headers of a request with an API key: the caller's own, its `User-Agent` included, with the key. */
export function keyHeaders(incoming: Asked, apiKey: string): Headers {
  return withBearer(incoming, apiKey)
}

function withBearer(incoming: Asked, token: string): Headers {
  const headers = new Headers(incoming)
  headers.delete("x-api-key")
  // The body may have changed length.
  headers.delete("content-length")
  headers.set("authorization", `Bearer ${token}`)
  return headers
}
