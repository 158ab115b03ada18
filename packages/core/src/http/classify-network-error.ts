import { sanitizeText } from "../log/sanitize-text.ts"

/** The kind of a network error. Only a `passing` one may be gone at the next attempt. */
type NetworkErrorKind =
  | "passing"
  | "proxy-refused"
  | "proxy-unusable"
  | "certificate-expired"
  | "certificate-not-yet-valid"
  | "certificate-for-another-host"
  | "certificate-not-trusted"
  | "unreadable"

/** Why a fetch failed. */
interface ClassifiedError {
  readonly kind: NetworkErrorKind
  /** A short text for the user that can be searched for: `connect ECONNREFUSED 127.0.0.1:1`. */
  readonly text: string
}

interface KnownError {
  readonly kind: NetworkErrorKind
  /** Matched against `<code> <name>: <message>` of the error. */
  readonly pattern: RegExp
  /** Undefined if the error's own code is the best text. */
  readonly text?: string
}

/**
 * How Node 20 and 26 (undici), Bun 1.3 (inside OpenCode 1.18) and Bun 1.4 report network errors, as measured. The first
 * match applies. Bun 1.3 reports a failed TLS handshake and an invalid proxy address as "Unable to connect", like a
 * refused connection.
 */
const KNOWN: readonly KnownError[] = [
  {
    kind: "passing",
    // Bun 1.3 reports the third if the connection ends during the TLS handshake, before any certificate.
    pattern:
      /socket connection was closed|other side closed|UNKNOWN_CERTIFICATE_VERIFICATION|before secure TLS|: terminated$/,
    text: "the connection was closed",
  },
  { kind: "passing", pattern: /Unable to connect\. Is the computer able/, text: "no connection" },
  { kind: "passing", pattern: /UND_ERR_\w+_TIMEOUT|TimeoutError/, text: "no response in time" },
  { kind: "proxy-refused", pattern: /\bproxy\b.*\b407\b/i, text: "the proxy requires a user name and password" },
  { kind: "proxy-unusable", pattern: /UnsupportedProxyProtocol/, text: "the proxy is neither http:// nor https://" },
  { kind: "certificate-expired", pattern: /CERT_HAS_EXPIRED|certificate has expired/, text: "an expired certificate" },
  {
    kind: "certificate-not-yet-valid",
    pattern: /CERT_NOT_YET_VALID|certificate is not yet valid/,
    text: "a certificate that is not yet valid",
  },
  {
    kind: "certificate-for-another-host",
    pattern: /CERT_ALTNAME_INVALID|certificate's altnames/,
    text: "a certificate for another host",
  },
  { kind: "certificate-not-trusted", pattern: /\bcertificate\b|CERT_|_CERT\b|LEAF_SIGNATURE|\bunknown ca\b/i },
  {
    kind: "unreadable",
    pattern: /ZlibError|DecompressionError|Z_(?:DATA|BUF)_ERROR|ZSTD_error|Decompression failed/,
    text: "its compressed content is damaged",
  },
  {
    kind: "unreadable",
    pattern:
      /TLS handshake failed|wrong.version.number|alert.(?:protocol.version|handshake.failure|access.denied)|unrecognized.name/i,
    text: "the TLS handshake failed",
  },
  {
    kind: "unreadable",
    pattern: /does not match the HTTP|Malformed_HTTP_Response|InvalidHTTPResponse|InvalidContentLength/,
    text: "it is not HTTP",
  },
]

/** The format of libuv: `connect ECONNREFUSED 127.0.0.1:1`, `getaddrinfo ENOTFOUND chat.qwen.ai`. */
const SYSTEM_ERROR = /^[a-z]+ E[A-Z0-9_]+(?: [\w.:-]+)?/
/** A specific code or name: `UNABLE_TO_GET_ISSUER_CERT_LOCALLY`, `ConnectionRefused`. */
const NAME = /^[A-Z]\w{2,59}$/
/** Names that carry no information. */
const GENERIC_NAME = /^(?:Type)?Error$/

/**
 * Returns why a fetch failed. Repeats only known parts of the runtime's own message: the rest addresses
 * developers ("pass `verbose: true` in the second argument to fetch()") and may contain anything.
 */
export function classifyNetworkError(error: unknown): ClassifiedError {
  const cause = innermost(error)
  if (cause === undefined) return { kind: "passing", text: "unknown cause" }
  const description = `${codeOf(cause)} ${cause.name}: ${cause.message}`
  const { kind, text } = KNOWN.find(({ pattern }) => pattern.test(description)) ?? { kind: "passing" }
  return { kind, text: text ?? nameOf(cause) }
}

/**
 * Node's fetch throws "fetch failed" with the reason as its cause. An AggregateError has one reason for each address.
 */
function innermost(error: unknown, depth = 0): Error | undefined {
  if (!(error instanceof Error)) return undefined
  const next: unknown = error instanceof AggregateError ? error.errors[0] : error.cause
  return (depth < 8 ? innermost(next, depth + 1) : undefined) ?? error
}

function nameOf(error: Error): string {
  const [systemError] = SYSTEM_ERROR.exec(error.message) ?? []
  if (systemError !== undefined) return sanitizeText(systemError)
  const name = [codeOf(error), error.name].find((text) => NAME.test(text) && !GENERIC_NAME.test(text))
  return name ?? "unknown cause"
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : ""
}
