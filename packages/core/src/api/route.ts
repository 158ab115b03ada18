import type { Logger } from "../log/logger.ts"
import type { ApiFailure, RefusedRequest } from "./api-failure.ts"

/** How a request is sent with one kind of credential. */
export interface Route {
  /** The URL to send the request to. */
  readonly url: string
  readonly headers: Headers
  /** The body to send; undefined to send the caller's body unchanged. */
  readonly body: string | undefined
  /** Classifies an error response of this route. */
  apiFailure(refusal: RefusedRequest): ApiFailure
}

/** Configuration of the routes. */
export interface RouteOptions {
  /** `<package>/<version> (<platform>; <arch>)`: the `User-Agent` of requests on the OAuth route. */
  readonly userAgent: string
  /** The configured API base URL of the OAuth route; undefined to use the token's `resource_url`. */
  readonly apiBaseUrl?: string | undefined
  readonly log: Logger
}
