import { QwenAuthError, type QwenAuthErrorCode } from "../errors.ts"
import { classifyNetworkError } from "./classify-network-error.ts"
import { CHECK_NETWORK } from "./deadline.ts"

const CLOCK_FIRST =
  "Check this computer's date and time first. If they are right and your company inspects traffic, " +
  "set NODE_EXTRA_CA_CERTS to its current certificate file and start again."

/**
 * Converts the error of a failed fetch, or of a response that broke off, into an error for the user.
 * @param host the host that should have responded
 * @returns QwenAuthError `service_unreachable`, `proxy_refused`, `proxy_unusable`, `certificate_not_trusted`,
 *   `unexpected_response`; `cause` itself if it is already a QwenAuthError
 */
export function networkError(host: string, cause: unknown): QwenAuthError {
  // A fetch passed in by the host program may throw a more specific error.
  if (QwenAuthError.isInstance(cause)) return cause
  const { kind, text } = classifyNetworkError(cause)
  const error = (code: QwenAuthErrorCode, message: string, remedy: string) =>
    new QwenAuthError(code, message, { remedy, cause })
  switch (kind) {
    case "proxy-refused":
      return proxyRefusedError(cause)
    case "proxy-unusable":
      return error(
        "proxy_unusable",
        "The configured proxy is not supported: only http:// and https:// proxies work.",
        "Set HTTPS_PROXY to an address like http://proxy:8080; most SOCKS programs also have an HTTP port.",
      )
    case "certificate-expired":
      return error("certificate_not_trusted", `The certificate of ${host} has expired.`, CLOCK_FIRST)
    case "certificate-not-yet-valid":
      return error("certificate_not_trusted", `The certificate of ${host} is not yet valid.`, CLOCK_FIRST)
    case "certificate-for-another-host":
      return error(
        "certificate_not_trusted",
        `The certificate that ${host} presented is for another host.`,
        "Another server answered in its place. Check the proxy, the VPN and the hosts file, or use another network.",
      )
    case "certificate-not-trusted":
      return error(
        "certificate_not_trusted",
        `The certificate of ${host} is not trusted (${text}).`,
        "If your company inspects traffic, set NODE_EXTRA_CA_CERTS to its certificate file and start again.",
      )
    case "unreadable":
      return error(
        "unexpected_response",
        `The response from ${host} cannot be read: ${text}.`,
        "A proxy or a security program probably changes it: exclude this host in its settings, or use another network.",
      )
    case "passing":
      return error("service_unreachable", `${host} could not be reached (${text}).`, CHECK_NETWORK)
  }
}

/**
 * Returns the error for a proxy that requires authentication. Some runtimes report it as a response with status 407.
 */
export function proxyRefusedError(cause?: unknown): QwenAuthError {
  return new QwenAuthError("proxy_refused", "The proxy requires a user name and password.", {
    remedy: "Add them to HTTPS_PROXY, like http://name:password@proxy:8080.",
    cause,
  })
}

const BLOCKED: readonly QwenAuthErrorCode[] = [
  "proxy_refused",
  "proxy_unusable",
  "certificate_not_trusted",
  "unexpected_response",
]

/**
 * Returns true for an error of {@link networkError} that stays until the user changes the network or its configuration.
 */
export function isConnectionBlocked(error: unknown): boolean {
  return QwenAuthError.isInstance(error) && BLOCKED.includes(error.code)
}
