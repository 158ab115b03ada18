import { QwenAuthError } from "../errors.ts"
import { networkTrouble } from "./answer.ts"
import { CHECK_NETWORK } from "./deadline.ts"

/** Whatever is wrong with a certificate, trying again does not help: mostly it is a company's proxy that looks into the traffic. */
const NOT_TRUSTED = /\bcertificate\b|CERT_|\bunknown ca\b/i
/** Node: `Proxy response (407) !== 200 …`; Bun: `Proxy refused to open a tunnel: 407 …`. */
const PROXY_REFUSED = /\bproxy\b.*\b407\b/i

/**
 * A failed fetch in words.
 * @param host who was expected to answer
 */
export function noAnswer(host: string, error: unknown): QwenAuthError {
  const trouble = networkTrouble(error)
  if (NOT_TRUSTED.test(trouble)) {
    return new QwenAuthError(
      "certificate_not_trusted",
      `The certificate of ${host} is not trusted here (${trouble}).`,
      {
        remedy: "If your company inspects traffic, set NODE_EXTRA_CA_CERTS to its certificate file and start again.",
        cause: error,
      },
    )
  }
  if (PROXY_REFUSED.test(trouble)) return proxyRefused(error)
  return new QwenAuthError("service_unreachable", `${host} could not be reached (${trouble}).`, {
    remedy: CHECK_NETWORK,
    cause: error,
  })
}

/** A proxy that lets nobody through without a name: some runtimes tell that as an answer with status 407. */
export function proxyRefused(cause?: unknown): QwenAuthError {
  return new QwenAuthError("proxy_refused", "The proxy wants a name and a password.", {
    remedy: "Put them into HTTPS_PROXY, like http://name:password@proxy:8080.",
    ...(cause === undefined ? {} : { cause }),
  })
}

/** True for what no attempt of this process can change: the way to the service has to be set up otherwise first. */
export function isWayBarred(error: unknown): boolean {
  return QwenAuthError.isInstance(error) && (error.code === "proxy_refused" || error.code === "certificate_not_trusted")
}
