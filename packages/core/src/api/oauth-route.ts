import type { OAuthCredential } from "../credentials/credential.ts"
import { DEFAULT_API_BASE_URL, resourceBaseUrl } from "../http/api-url.ts"
import type { IncomingRequest } from "./incoming-request.ts"
import { oauthFailure } from "./oauth-failure.ts"
import { OAUTH_BODY_RULES } from "./oauth-request-body.ts"
import type { ReadBody } from "./prepared-bodies.ts"
import { oauthHeaders } from "./request-headers.ts"
import { oauthRequestUrl } from "./request-url.ts"
import type { Route, RouteOptions } from "./route.ts"

/**
 * Returns the route for a Qwen account. The token determines the host, and the body must follow the rules of the route.
 */
export function oauthRoute(
  credential: OAuthCredential,
  request: IncomingRequest,
  body: ReadBody,
  options: RouteOptions,
): Route {
  return {
    url: oauthRequestUrl(accountBaseUrl(credential, options), request.url),
    headers: oauthHeaders(request.headers, credential, options.userAgent),
    body: body.forRoute(OAUTH_BODY_RULES),
    classify: (refusal) => oauthFailure(credential.accessToken, refusal),
  }
}

/** Returns the configured base URL, or the one that the token is bound to. */
export function accountBaseUrl(
  { resourceUrl }: OAuthCredential,
  { apiBaseUrl, log }: Pick<RouteOptions, "apiBaseUrl" | "log">,
): string {
  if (apiBaseUrl !== undefined) return apiBaseUrl
  if (resourceUrl === undefined) return DEFAULT_API_BASE_URL
  const bound = resourceBaseUrl(resourceUrl)
  if (bound === undefined) {
    // The value is not logged, because it could be anything, even a token.
    log.warn("The token's resource_url is not one of Qwen's API hosts; using the default host.")
  }
  return bound ?? DEFAULT_API_BASE_URL
}
