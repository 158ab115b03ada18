import type { Logger } from "../log/logger.ts"
import type { ApiFailure, RefusedRequest } from "./api-failure.ts"
import type { RoutedBody } from "./prepared-bodies.ts"

/** How a request is sent with one kind of credential. */
export interface Route {
  /** The URL to send the request to. */
  readonly url: string
  readonly headers: Headers
  readonly body: RoutedBody
  /** Classifies an error response of this route. */
  classify(refusal: RefusedRequest): ApiFailure
}

/** Returns the host of a route, for messages. */
export function hostOf({ url }: Route): string {
  return new URL(url).host
}

/** Configuration of the routes. */
export interface RouteOptions {
  /** `<package>/<version> (<platform>; <arch>)`: the `User-Agent` of requests on the OAuth route. */
  readonly userAgent: string
  /** The configured API base URL of the OAuth route; undefined to use the token's `resource_url`. */
  readonly apiBaseUrl?: string | undefined
  /** Whether prompts are marked for the prompt cache on the routes of keys. */
  readonly promptCache: boolean
  readonly log: Logger
}
