import { QwenAuthError } from "../errors.ts"
import { sanitizeText } from "../log/sanitize-text.ts"

/** True for a host that only this machine can answer. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/.test(url.hostname)
}

/**
 * Parses an address that credentials may be sent to because the user configured it: https, or http on loopback, without
 * user name, password, query or fragment.
 * @param value the address as configured
 * @param what its name in the error, starting the sentence
 * @throws QwenAuthError `invalid_endpoint`
 */
export function secureUrl(value: string, what: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url))
  if (url === undefined || !secure || url.username || url.password || url.search || url.hash) {
    // Userinfo may hold a password: it is not repeated. Schemes without hosts have the origin "null".
    const origin = url === undefined || url.origin === "null" ? undefined : url.origin
    const shown = origin ?? sanitizeText(value.replace(/^.*@/s, "…@"), 80)
    throw new QwenAuthError("invalid_endpoint", `${what} "${shown}" cannot be used.`, {
      remedy: "Use an https:// address (http:// only on this computer), without user name, query or fragment.",
    })
  }
  return url
}
