import { QwenAuthError } from "../errors.ts"
import { sanitizeText } from "../log/sanitize-text.ts"

/** Returns true if the host of `url` is this machine. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/.test(url.hostname)
}

/**
 * Parses an address that the user configured and that may receive credentials: https, or http on loopback, without user
 * name, password, query or fragment.
 * @param value the configured address
 * @param what the name of the setting, with which the error message begins
 * @throws QwenAuthError `invalid_endpoint`
 */
export function secureUrl(value: string, what: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url))
  if (url === undefined || !secure || url.username || url.password || url.search || url.hash) {
    // User name and password are not repeated. The origin is "null" for schemes without a host.
    const origin = url === undefined || url.origin === "null" ? undefined : url.origin
    const shown = origin ?? sanitizeText(value.replace(/^.*@/s, "…@"), 80)
    throw new QwenAuthError("invalid_endpoint", `${what} "${shown}" cannot be used.`, {
      remedy: "Use an https:// address (http:// only on this computer), without user name, query or fragment.",
    })
  }
  return url
}
