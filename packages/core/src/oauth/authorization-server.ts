import { secureUrl } from "../http/secure-url.ts"

/** The endpoints of an authorization server and the client registered there. */
export interface AuthorizationServer {
  /** RFC 8628 §3.1 */
  readonly deviceAuthorizationEndpoint: string
  /** RFC 6749 §3.2 */
  readonly tokenEndpoint: string
  readonly clientId: string
  readonly scope: string
  /** The `User-Agent` of requests to this server. The runtime's default is used if undefined. */
  readonly userAgent: string | undefined
}

/** The origin of Qwen's authorization server. Another project moved to `qwen.ai` in 2026, which broke its sign-in. */
export const QWEN_OAUTH_BASE_URL = "https://chat.qwen.ai"

/** The public client id of Qwen Code, which Qwen's consent page knows. */
export const QWEN_CLIENT_ID = "f0304373b74a44d2b584a3fb70ca9e56"

const SCOPE = "openid profile email model.completion"

/**
 * Returns the authorization server at `baseUrl`.
 * @param options `baseUrl`: https, or http on loopback, default {@link QWEN_OAUTH_BASE_URL}; `clientId`: default
 *   {@link QWEN_CLIENT_ID}; `userAgent`: `<package>/<version> (<platform>; <arch>)`
 * @throws QwenAuthError `invalid_endpoint`
 */
export function authorizationServer(
  options: { baseUrl?: string; clientId?: string; userAgent?: string } = {},
): AuthorizationServer {
  const base = secureUrl(options.baseUrl ?? QWEN_OAUTH_BASE_URL, "The sign-in address").href.replace(/\/+$/, "")
  return {
    deviceAuthorizationEndpoint: `${base}/api/v1/oauth2/device/code`,
    tokenEndpoint: `${base}/api/v1/oauth2/token`,
    clientId: options.clientId ?? QWEN_CLIENT_ID,
    scope: SCOPE,
    userAgent: options.userAgent,
  }
}
