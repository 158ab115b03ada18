import { secureUrl } from "../http/secure-url.ts"

/** Qwen's authorization server as this client knows it. */
export interface AuthorizationServer {
  /** RFC 8628 §3.1 */
  readonly deviceAuthorizationEndpoint: string
  /** RFC 6749 §3.2 */
  readonly tokenEndpoint: string
  readonly clientId: string
  readonly scope: string
  /** The name this client's requests carry; the runtime's own when absent. */
  readonly userAgent: string | undefined
}

/** Qwen's own origin. A public attempt in 2026 to use `qwen.ai` instead broke sign-in. */
export const QWEN_OAUTH_BASE_URL = "https://chat.qwen.ai"

/** Qwen Code's public client id, which Qwen's users already approve. */
export const QWEN_CLIENT_ID = "f0304373b74a44d2b584a3fb70ca9e56"

const SCOPE = "openid profile email model.completion"

/**
 * The authorization server below `baseUrl`.
 * @param options `baseUrl`: https, or http on loopback, default {@link QWEN_OAUTH_BASE_URL}; `clientId`: default {@link QWEN_CLIENT_ID};
 *   `userAgent`: `<package>/<version> (<platform>; <arch>)`
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
