import type { OAuthCredential } from "../credentials/credential.ts"
import { DEFAULT_API_BASE_URL, requestUrl, resourceBaseUrl } from "../http/api-url.ts"
import type { IncomingRequest } from "./incoming-request.ts"
import { oauthFailure } from "./oauth-failure.ts"
import type { ReadBody } from "./prepared-bodies.ts"
import { oauthHeaders } from "./request-headers.ts"
import type { Route, RouteOptions } from "./route.ts"

/** A request with a Qwen account: the token says where it is valid, and the route has rules for the body. */
export function oauthRoute(
  credential: OAuthCredential,
  incoming: IncomingRequest,
  body: ReadBody,
  options: RouteOptions,
): Route {
  return {
    url: requestUrl(baseUrl(credential, options), incoming.url),
    headers: oauthHeaders(incoming.headers, credential, options.userAgent),
    body: body.forOAuth(),
    apiFailure: (refusal) => oauthFailure(credential.accessToken, refusal),
  }
}

function baseUrl({ resourceUrl }: OAuthCredential, { apiBaseUrl, log }: RouteOptions): string {
  if (apiBaseUrl !== undefined) return apiBaseUrl
  if (resourceUrl === undefined) return DEFAULT_API_BASE_URL
  const bound = resourceBaseUrl(resourceUrl)
  if (bound === undefined) {
    // What the server wrote there is not repeated: it could be anything, a token too.
    log.warn("The token's resource_url is not one of Qwen's API hosts; using the default host.")
  }
  return bound ?? DEFAULT_API_BASE_URL
}
