import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { networkErrorText } from "./network-trouble.ts"

/** A reason as Node's fetch reports it. */
const node = (code: string, message: string, name = "Error") =>
  new TypeError("fetch failed", { cause: withCode(code, message, name) })
/** A body that Node's fetch could not read. */
const nodeBody = (code: string, message: string) => new TypeError("terminated", { cause: withCode(code, message) })
/** What Bun reports by a code alone, as it words that. */
const bun = (code: string) => withCode(code, `${code} fetching "https://chat.qwen.ai/x". ${DEVELOPER_TEXT}`)

const DEVELOPER_TEXT = "For more information, pass `verbose: true` in the second argument to fetch()"

function withCode(code: string, message: string, name = "Error"): Error {
  return Object.assign(new Error(message), { name }, code === "" ? {} : { code })
}

const openSsl = (reason: string) =>
  `804C09BB4E7F0000:error:0A00010B:SSL routines:ssl3_get_record:${reason}:../deps/openssl/openssl/ssl/record/ssl3_record.c:350:\n`

describe("trouble that can pass, as measured", () => {
  it.each([
    ["Node", node("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"), "connect ECONNREFUSED 127.0.0.1:1"],
    ["Node", node("ECONNRESET", "read ECONNRESET"), "read ECONNRESET"],
    ["Node", node("ETIMEDOUT", "connect ETIMEDOUT 198.51.100.1:443"), "connect ETIMEDOUT 198.51.100.1:443"],
    ["Node", node("ENETUNREACH", "connect ENETUNREACH 2001:db8::1:443 - Local (:::0)"), /^connect ENETUNREACH \S+443$/],
    ["Node", node("ENOTFOUND", "getaddrinfo ENOTFOUND chat.qwen.ai"), "getaddrinfo ENOTFOUND chat.qwen.ai"],
    ["Node", node("UND_ERR_SOCKET", "other side closed", "SocketError"), "the connection was closed"],
    [
      "Node",
      node("ECONNRESET", "Client network socket disconnected before secure TLS connection was established"),
      "the connection was closed",
    ],
    ["Node", nodeBody("UND_ERR_SOCKET", "other side closed"), "the connection was closed"],
    ["Node", node("UND_ERR_CONNECT_TIMEOUT", "Connect Timeout Error (attempted address: …)"), "no response in time"],
    ["Node", node("ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR", openSsl("tlsv1 alert internal error")), /^ERR_SSL_TLSV1_ALERT/],
    [
      "Bun 1.3",
      withCode("ConnectionRefused", "Unable to connect. Is the computer able to access the url?"),
      "no connection",
    ],
    [
      "Bun 1.3",
      withCode("ECONNRESET", `The socket connection was closed unexpectedly. ${DEVELOPER_TEXT}`),
      "the connection was closed",
    ],
    [
      "Bun 1.3, a connection that ends in the TLS handshake",
      withCode("UNKNOWN_CERTIFICATE_VERIFICATION_ERROR", "unknown certificate verification error"),
      "the connection was closed",
    ],
    [
      "Bun 1.4",
      withCode("ECONNREFUSED", "ECONNREFUSED: Unable to connect. Is the computer able to access the url?"),
      "no connection",
    ],
    [
      "Bun 1.4",
      withCode("ECONNRESET", `ECONNRESET: The socket connection was closed unexpectedly. ${DEVELOPER_TEXT}`),
      "the connection was closed",
    ],
    ["Bun 1.4", withCode("ENOTFOUND", "getaddrinfo ENOTFOUND proxy.corp"), "getaddrinfo ENOTFOUND proxy.corp"],
    ["both", new DOMException("The operation timed out.", "TimeoutError"), "no response in time"],
  ])("%s: %s is %s", (_, error, words) => {
    expect(networkErrorText(error)).toEqual({
      kind: "passing",
      words: typeof words === "string" ? words : expect.stringMatching(words),
    })
  })
})

describe("trouble that stays, as measured", () => {
  it.each([
    ["Bun, a SOCKS proxy", bun("UnsupportedProxyProtocol"), "proxy-unusable"],
    ["Node 26, a proxy's 407", tunnelRefused("Proxy response (407) !== 200 when HTTP Tunneling"), "proxy-refused"],
    [
      "Bun 1.4, a proxy's 407",
      withCode("ERR_PROXY_TUNNEL", "Proxy refused to open a tunnel: 407 Proxy Authentication Required"),
      "proxy-refused",
    ],
    ["Node", node("CERT_HAS_EXPIRED", "certificate has expired"), "certificate-expired"],
    ["Bun", withCode("CERT_HAS_EXPIRED", "certificate has expired"), "certificate-expired"],
    ["Node", node("CERT_NOT_YET_VALID", "certificate is not yet valid"), "certificate-not-yet-valid"],
    ["Bun", withCode("CERT_NOT_YET_VALID", "certificate is not yet valid"), "certificate-not-yet-valid"],
    [
      "Node",
      node(
        "ERR_TLS_CERT_ALTNAME_INVALID",
        "Hostname/IP does not match certificate's altnames: Host: x. is not in the cert's altnames: DNS:y",
      ),
      "certificate-for-another-host",
    ],
    ["Bun", bun("ERR_TLS_CERT_ALTNAME_INVALID"), "certificate-for-another-host"],
    ["Node, gzip", nodeBody("Z_DATA_ERROR", "incorrect header check"), "unreadable"],
    ["Node, brotli", nodeBody("ERR__ERROR_FORMAT_PADDING_2", "Decompression failed"), "unreadable"],
    ["Node 26, zstd", nodeBody("ZSTD_error_prefix_unknown", "Unknown frame descriptor"), "unreadable"],
    ["Node 26, zstd that is cut", nodeBody("Z_BUF_ERROR", "unexpected end of file"), "unreadable"],
    ["Bun, gzip", bun("ZlibError"), "unreadable"],
    ["Bun, brotli", bun("BrotliDecompressionError"), "unreadable"],
    ["Bun, zstd", bun("ZstdDecompressionError"), "unreadable"],
    [
      "Node, http on the port for https",
      node("ERR_SSL_WRONG_VERSION_NUMBER", openSsl("wrong version number")),
      "unreadable",
    ],
    [
      "Node 20, no common cipher",
      node("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", openSsl("sslv3 alert handshake failure")),
      "unreadable",
    ],
    [
      "Node 26, no common cipher",
      node("ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", openSsl("ssl/tls alert handshake failure")),
      "unreadable",
    ],
    [
      "Node, an old TLS alone",
      node("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", openSsl("tlsv1 alert protocol version")),
      "unreadable",
    ],
    [
      "Node, a name that is not known there",
      node("ERR_SSL_TLSV1_UNRECOGNIZED_NAME", openSsl("tlsv1 unrecognized name")),
      "unreadable",
    ],
    [
      "Bun 1.4",
      withCode("EPROTO", "EPROTO: The TLS handshake failed. Does the server speak TLS on this port?"),
      "unreadable",
    ],
    [
      "Node 20",
      node("HPE_INVALID_CONSTANT", "Response does not match the HTTP/1.1 protocol (Expected HTTP/)", "HTTPParserError"),
      "unreadable",
    ],
    ["Bun", bun("Malformed_HTTP_Response"), "unreadable"],
    ["Bun", bun("InvalidHTTPResponse"), "unreadable"],
  ])("%s: %s is %s", (_, error, kind) => {
    const trouble = networkErrorText(error)
    expect(trouble.kind).toBe(kind)
    expect(trouble.words).not.toMatch(/[`"]|verbose|fetch/)
  })

  it.each([
    "SELF_SIGNED_CERT_IN_CHAIN",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_GET_ISSUER_CERT",
    "CERT_UNTRUSTED",
    "CERT_REVOKED",
  ])("a certificate that is not trusted has a name to search for: %s", (code) => {
    const hint = "unable to verify; if the root CA is installed locally, try running Node.js with --use-system-ca"
    for (const error of [node(code, hint), withCode(code, hint)]) {
      expect(networkErrorText(error)).toEqual({ kind: "certificate-not-trusted", words: code })
    }
  })
})

function tunnelRefused(message: string): Error {
  const aborted = withCode("UND_ERR_ABORTED", message, "RequestAbortedError")
  return new TypeError("fetch failed", {
    cause: Object.assign(new Error("Request was cancelled."), { cause: aborted }),
  })
}

describe("the words for trouble that nobody knows", () => {
  it.each([
    ["the code", withCode("ERR_NEW_THING", `NEW_THING. ${DEVELOPER_TEXT}`), "ERR_NEW_THING"],
    ["the code, as Bun writes it", bun("TooManyCookies"), "TooManyCookies"],
    ["the name", new RangeError(DEVELOPER_TEXT), "RangeError"],
    ["the name when the code is a sentence", withCode("pass `verbose`", "", "StrangeError"), "StrangeError"],
    [
      "the first of several reasons",
      new AggregateError([node("", "connect ECONNREFUSED ::1:1")]),
      "connect ECONNREFUSED ::1:1",
    ],
    ["the name of several reasons of which there is none", new AggregateError([]), "AggregateError"],
    ["nothing", new Error(DEVELOPER_TEXT), "unknown cause"],
    ["nothing of what is no error", DEVELOPER_TEXT, "unknown cause"],
    ["nothing of nothing", undefined, "unknown cause"],
  ])("are %s", (_, error, words) => {
    expect(networkErrorText(error)).toEqual({ kind: "passing", words })
  })

  it("hold nothing of the text, whatever it is", () => {
    always(
      fc.property(anyText, anyText, anyText, (code, name, message) => {
        const { words } = networkErrorText(withCode(code, `${message}\u001b[31m ${DEVELOPER_TEXT}`, name))
        expect(words).toMatch(/^[\w .:'-]{1,200}$/)
        expect(words).not.toMatch(/verbose|second argument/)
      }),
    )
  })

  it("end for a cause that is its own cause", () => {
    const error = new Error("round and round")
    error.cause = error
    expect(networkErrorText(error).words).toBe("unknown cause")
  })

  it("repeat nothing as long as a token", () => {
    const token = "sk-sp-0123456789abcdef0123456789abcdef"
    for (const error of [
      new Error(`invalid header value Bearer ${token}`),
      new Error(`getaddrinfo ENOTFOUND ${token}`),
    ]) {
      expect(networkErrorText(error).words).not.toContain(token)
    }
  })
})
