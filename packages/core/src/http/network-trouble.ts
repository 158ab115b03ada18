import { sanitizeText } from "../log/sanitize-text.ts"

/** What kind of trouble it is. Only a `passing` one can be gone at the next attempt. */
type TroubleKind =
  | "passing"
  | "proxy-refused"
  | "proxy-unusable"
  | "certificate-expired"
  | "certificate-not-yet-valid"
  | "certificate-for-another-host"
  | "certificate-not-trusted"
  | "unreadable"

/** Why a fetch failed. */
export interface NetworkTrouble {
  readonly kind: TroubleKind
  /** A few words for a person, which can be searched for: `connect ECONNREFUSED 127.0.0.1:1`. */
  readonly words: string
}

interface KnownTrouble {
  readonly kind: TroubleKind
  /** Found in `<code> <name>: <message>` of the error. */
  readonly pattern: RegExp
  /** Absent where the error's code says it best. */
  readonly words?: string
}

/**
 * How Node 20 and 26 (undici), Bun 1.3 (inside OpenCode 1.18) and Bun 1.4 report what they meet, as measured. The first that fits
 * counts. Bun 1.3 reports a failed TLS handshake and a proxy address that makes no sense as "Unable to connect", like a connection
 * that was refused.
 */
const KNOWN: readonly KnownTrouble[] = [
  {
    kind: "passing",
    // The third is Bun 1.3's for a connection that ends in the TLS handshake: no certificate was seen.
    pattern:
      /socket connection was closed|other side closed|UNKNOWN_CERTIFICATE_VERIFICATION|before secure TLS|: terminated$/,
    words: "the connection was closed",
  },
  { kind: "passing", pattern: /Unable to connect\. Is the computer able/, words: "no connection" },
  { kind: "passing", pattern: /UND_ERR_\w+_TIMEOUT|TimeoutError/, words: "no response in time" },
  { kind: "proxy-refused", pattern: /\bproxy\b.*\b407\b/i, words: "the proxy requires a user name and password" },
  { kind: "proxy-unusable", pattern: /UnsupportedProxyProtocol/, words: "the proxy is neither http:// nor https://" },
  { kind: "certificate-expired", pattern: /CERT_HAS_EXPIRED|certificate has expired/, words: "an expired certificate" },
  {
    kind: "certificate-not-yet-valid",
    pattern: /CERT_NOT_YET_VALID|certificate is not yet valid/,
    words: "a certificate that is not yet valid",
  },
  {
    kind: "certificate-for-another-host",
    pattern: /CERT_ALTNAME_INVALID|certificate's altnames/,
    words: "a certificate for another host",
  },
  { kind: "certificate-not-trusted", pattern: /\bcertificate\b|CERT_|_CERT\b|LEAF_SIGNATURE|\bunknown ca\b/i },
  {
    kind: "unreadable",
    pattern: /ZlibError|DecompressionError|Z_(?:DATA|BUF)_ERROR|ZSTD_error|Decompression failed/,
    words: "its compressed content is damaged",
  },
  {
    kind: "unreadable",
    pattern:
      /TLS handshake failed|wrong.version.number|alert.(?:protocol.version|handshake.failure|access.denied)|unrecognized.name/i,
    words: "the TLS handshake failed",
  },
  {
    kind: "unreadable",
    pattern: /does not match the HTTP|Malformed_HTTP_Response|InvalidHTTPResponse|InvalidContentLength/,
    words: "it is not HTTP",
  },
]

/** As libuv words it: `connect ECONNREFUSED 127.0.0.1:1`, `getaddrinfo ENOTFOUND chat.qwen.ai`. */
const SYSTEM_ERROR = /^[a-z]+ E[A-Z0-9_]+(?: [\w.:-]+)?/
/** `UNABLE_TO_GET_ISSUER_CERT_LOCALLY`, `ConnectionRefused` */
const NAME = /^[A-Z]\w{2,59}$/
/** Names that say nothing. */
const ANY_ERROR = /^(?:Type)?Error$/

/**
 * The trouble behind a failed fetch. Of the runtime's own text only what is known to be meant for everybody is repeated: the rest
 * speaks to developers ("pass `verbose: true` in the second argument to fetch()"), and may hold anything.
 */
export function networkErrorText(error: unknown): NetworkTrouble {
  const cause = innermost(error)
  if (cause === undefined) return { kind: "passing", words: "unknown cause" }
  const said = `${codeOf(cause)} ${cause.name}: ${cause.message}`
  const { kind, words } = KNOWN.find(({ pattern }) => pattern.test(said)) ?? { kind: "passing" }
  return { kind, words: words ?? nameOf(cause) }
}

/** Node's fetch says "fetch failed" and keeps the reason in the cause; an AggregateError has one reason for each address. */
function innermost(error: unknown, depth = 0): Error | undefined {
  if (!(error instanceof Error)) return undefined
  const next: unknown = error instanceof AggregateError ? error.errors[0] : error.cause
  return (depth < 8 ? innermost(next, depth + 1) : undefined) ?? error
}

function nameOf(error: Error): string {
  const [systemError] = SYSTEM_ERROR.exec(error.message) ?? []
  if (systemError !== undefined) return sanitizeText(systemError)
  const name = [codeOf(error), error.name].find((text) => NAME.test(text) && !ANY_ERROR.test(text))
  return name ?? "unknown cause"
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : ""
}
