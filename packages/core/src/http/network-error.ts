import { QwenAuthError, type QwenAuthErrorCode } from "../errors.ts"
import { CHECK_NETWORK } from "./deadline.ts"
import { networkErrorText } from "./network-trouble.ts"

const CLOCK_FIRST =
  "Check this computer's date and time first. If they are right and your company inspects traffic, set NODE_EXTRA_CA_CERTS " +
  "to its current certificate file and start again."

/**
 * A failed fetch, or an answer that breaks off, in words.
 * @param host who was expected to answer
 */
export function networkError(host: string, cause: unknown): QwenAuthError {
  // The host's own fetch may know better than the runtime.
  if (QwenAuthError.isInstance(cause)) return cause
  const { kind, words } = networkErrorText(cause)
  const error = (code: QwenAuthErrorCode, message: string, remedy: string) =>
    new QwenAuthError(code, message, { remedy, cause })
  switch (kind) {
    case "proxy-refused":
      return proxyRefused(cause)
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
        `The certificate of ${host} is not trusted (${words}).`,
        "If your company inspects traffic, set NODE_EXTRA_CA_CERTS to its certificate file and start again.",
      )
    case "unreadable":
      return error(
        "unexpected_response",
        `The response from ${host} cannot be read: ${words}.`,
        "A proxy or a security program probably changes it: exclude this host there, or use another network.",
      )
    case "passing":
      return error("service_unreachable", `${host} could not be reached (${words}).`, CHECK_NETWORK)
  }
}

/** A proxy that lets nobody through without a name: some runtimes tell that as an answer with status 407. */
export function proxyRefused(cause?: unknown): QwenAuthError {
  return new QwenAuthError("proxy_refused", "The proxy requires a user name and password.", {
    remedy: "Add them to HTTPS_PROXY, like http://name:password@proxy:8080.",
    ...(cause === undefined ? {} : { cause }),
  })
}

const BARRED: readonly QwenAuthErrorCode[] = [
  "proxy_refused",
  "proxy_unusable",
  "certificate_not_trusted",
  "unexpected_response",
]

/** True for an error of {@link networkError} that no attempt of this process can change: the way to the service must change first. */
export function isConnectionBlocked(error: unknown): boolean {
  return QwenAuthError.isInstance(error) && BARRED.includes(error.code)
}
