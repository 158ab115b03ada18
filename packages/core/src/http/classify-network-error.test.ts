import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { classifyNetworkError } from "./classify-network-error.ts"

/** An error in the form that Node's fetch throws. */
const node = (code: string, message: string, name = "Error") =>
  new TypeError("fetch failed", { cause: withCode(code, message, name) })
/** The error of Node's fetch for a body that it cannot read. */
const nodeBody = (code: string, message: string) => new TypeError("terminated", { cause: withCode(code, message) })
/** An error of Bun that has only a code. */
const bun = (code: string) => withCode(code, `${code} fetching "https://chat.qwen.ai/x". ${DEVELOPER_TEXT}`)

const DEVELOPER_TEXT = "For more information, pass `verbose: true` in the second argument to fetch()"

function withCode(code: string, message: string, name = "Error"): Error {
  return Object.assign(new Error(message), { name }, code === "" ? {} : { code })
}

const openSsl = (reason: string) =>
  `804C09BB4E7F0000:error:0A00010B:SSL routines:ssl3_get_record:${reason}:../deps/openssl/openssl/ssl/record/ssl3_record.c:350:\n`

describe("a measured error that may pass", () => {
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
  ])("%s: %s is %s", (_, error, text) => {
    expect(classifyNetworkError(error)).toEqual({
      kind: "passing",
      text: typeof text === "string" ? text : expect.stringMatching(text),
    })
  })
})

describe("a measured error that stays", () => {
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
    ["Node 26, truncated zstd", nodeBody("Z_BUF_ERROR", "unexpected end of file"), "unreadable"],
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
      "Node, an old TLS version",
      node("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", openSsl("tlsv1 alert protocol version")),
      "unreadable",
    ],
    [
      "Node, an unknown server name",
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
    const result = classifyNetworkError(error)
    expect(result.kind).toBe(kind)
    expect(result.text).not.toMatch(/[`"]|verbose|fetch/)
  })

  it.each([
    "SELF_SIGNED_CERT_IN_CHAIN",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_GET_ISSUER_CERT",
    "CERT_UNTRUSTED",
    "CERT_REVOKED",
  ])("an untrusted certificate is reported with a code to search for: %s", (code) => {
    const hint = "unable to verify; if the root CA is installed locally, try running Node.js with --use-system-ca"
    for (const error of [node(code, hint), withCode(code, hint)]) {
      expect(classifyNetworkError(error)).toEqual({ kind: "certificate-not-trusted", text: code })
    }
  })
})

function tunnelRefused(message: string): Error {
  const aborted = withCode("UND_ERR_ABORTED", message, "RequestAbortedError")
  return new TypeError("fetch failed", {
    cause: Object.assign(new Error("Request was cancelled."), { cause: aborted }),
  })
}

describe("the text for an unknown error", () => {
  it.each([
    ["the code", withCode("ERR_NEW_THING", `NEW_THING. ${DEVELOPER_TEXT}`), "ERR_NEW_THING"],
    ["the code, as Bun writes it", bun("TooManyCookies"), "TooManyCookies"],
    ["the name", new RangeError(DEVELOPER_TEXT), "RangeError"],
    ["the name if the code is a sentence", withCode("pass `verbose`", "", "StrangeError"), "StrangeError"],
    [
      "the first of several reasons",
      new AggregateError([node("", "connect ECONNREFUSED ::1:1")]),
      "connect ECONNREFUSED ::1:1",
    ],
    ["the name of an AggregateError without errors", new AggregateError([]), "AggregateError"],
    ["nothing", new Error(DEVELOPER_TEXT), "unknown cause"],
    ["nothing of a value that is not an error", DEVELOPER_TEXT, "unknown cause"],
    ["nothing of undefined", undefined, "unknown cause"],
  ])("is %s", (_, error, text) => {
    expect(classifyNetworkError(error)).toEqual({ kind: "passing", text })
  })

  it("contains nothing of the error's message, whatever it is", () => {
    always(
      fc.property(anyText, anyText, anyText, (code, name, message) => {
        const { text } = classifyNetworkError(withCode(code, `${message}\u001b[31m ${DEVELOPER_TEXT}`, name))
        expect(text).toMatch(/^[\w .:'-]{1,200}$/)
        expect(text).not.toMatch(/verbose|second argument/)
      }),
    )
  })

  it("is found for an error that is its own cause", () => {
    const error = new Error("round and round")
    error.cause = error
    expect(classifyNetworkError(error).text).toBe("unknown cause")
  })

  it("contains nothing as long as a token", () => {
    const token = "sk-sp-0123456789abcdef0123456789abcdef"
    for (const error of [
      new Error(`invalid header value Bearer ${token}`),
      new Error(`getaddrinfo ENOTFOUND ${token}`),
    ]) {
      expect(classifyNetworkError(error).text).not.toContain(token)
    }
  })
})
