import type { Credential } from "../credentials/credential.ts"
import type { Logger } from "../log/logger.ts"
import type { ApiFailure, RefusedRequest } from "./api-failure.ts"
import type { IncomingRequest } from "./incoming-request.ts"
import { keyRoute } from "./key-route.ts"
import { oauthRoute } from "./oauth-route.ts"
import type { ReadBody } from "./prepared-bodies.ts"

/** How a request travels with one kind of credential. */
export interface Route {
  /** Where it goes. */
  readonly url: string
  readonly headers: Headers
  /** The body to send; undefined: as the caller gave it. */
  readonly body: string | undefined
  /** What an error answer means here. */
  apiFailure(refusal: RefusedRequest): ApiFailure
}

/** What is configured of the routes. */
export interface RouteOptions {
  /** `<package>/<version> (<platform>; <arch>)`, the name that requests on the OAuth route carry. */
  readonly userAgent: string
  /** The user's own address of the OAuth route's API; without it the token says where it is valid. */
  readonly apiBaseUrl?: string | undefined
  readonly log: Logger
}

/** The route of a request for a credential. */
export function routeFor(
  credential: Credential,
  incoming: IncomingRequest,
  body: ReadBody,
  options: RouteOptions,
): Route {
  return credential.type === "oauth"
    ? oauthRoute(credential, incoming, body, options)
    : keyRoute(credential, incoming, body)
}
