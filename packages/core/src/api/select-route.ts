import type { Credential } from "../credentials/credential.ts"
import type { IncomingRequest } from "./incoming-request.ts"
import { keyRoute } from "./key-route.ts"
import { oauthRoute } from "./oauth-route.ts"
import type { ReadBody } from "./prepared-bodies.ts"
import type { Route, RouteOptions } from "./route.ts"

/**
 * Returns the route for a request with `credential`.
 * @throws QwenAuthError `invalid_endpoint`, `api_key_malformed`: an API key that cannot be sent, see {@link keyRoute}
 */
export async function routeFor(
  credential: Credential,
  request: IncomingRequest,
  body: ReadBody,
  options: RouteOptions,
): Promise<Route> {
  return credential.type === "oauth"
    ? oauthRoute(credential, request, body, options)
    : keyRoute(credential, request, body, options)
}
