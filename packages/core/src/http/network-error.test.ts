import { createServer, type RequestListener } from "node:http"
import { createServer as createTcpServer, type Server } from "node:net"
import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { describe, expect, it, onTestFinished } from "vitest"
import { QwenAuthError, type QwenAuthErrorCode } from "../errors.ts"
import { isConnectionBlocked, networkError, proxyRefusedError } from "./network-error.ts"

/** An error in the form that Node's fetch throws. */
const failed = (reason: string, code?: string) =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(reason), code === undefined ? {} : { code }) })

/** Parts of runtime messages that address developers. */
const DEVELOPER_TEXT = /verbose|second argument|use-system-ca|SSL routines|[`"\n]/

describe("networkError", () => {
  it.each([
    ["read ECONNRESET", "read ECONNRESET"],
    ["getaddrinfo ENOTFOUND portal.qwen.ai", "getaddrinfo ENOTFOUND portal.qwen.ai"],
    ["other side closed", "the connection was closed"],
    ["\u001b[31mno\nway", "unknown cause"],
  ])("reports %j as a service that cannot be reached", (reason, text) => {
    const cause = failed(reason)
    const error = networkError("portal.qwen.ai", cause)
    expect(error.code).toBe("service_unreachable")
    expect(error.message).toBe(`portal.qwen.ai could not be reached (${text}).`)
    expect(error.remedy).toContain("network connection and proxy")
    expect(error.cause).toBe(cause)
  })

  it.each<[string, string, string, QwenAuthErrorCode, RegExp, RegExp]>([
    [
      "an untrusted certificate",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "self-signed certificate in certificate chain",
      "certificate_not_trusted",
      /^The certificate of portal\.qwen\.ai is not trusted \(SELF_SIGNED_CERT_IN_CHAIN\)\.$/,
      /set NODE_EXTRA_CA_CERTS/,
    ],
    [
      "an expired certificate",
      "CERT_HAS_EXPIRED",
      "certificate has expired",
      "certificate_not_trusted",
      /^The certificate of portal\.qwen\.ai has expired\.$/,
      /^Check this computer's date and time first\..*NODE_EXTRA_CA_CERTS/,
    ],
    [
      "a certificate that is not yet valid",
      "CERT_NOT_YET_VALID",
      "certificate is not yet valid",
      "certificate_not_trusted",
      /^The certificate of portal\.qwen\.ai is not yet valid\.$/,
      /^Check this computer's date and time first\..*NODE_EXTRA_CA_CERTS/,
    ],
    [
      "a certificate for another host",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "Hostname/IP does not match certificate's altnames",
      "certificate_not_trusted",
      /^The certificate that portal\.qwen\.ai presented is for another host\.$/,
      /Check the proxy, the VPN and the hosts file/,
    ],
    [
      "an unsupported proxy",
      "UnsupportedProxyProtocol",
      'UnsupportedProxyProtocol fetching "https://portal.qwen.ai/". For more information, pass `verbose: true`',
      "proxy_unusable",
      /only http:\/\/ and https:\/\/ proxies work\.$/,
      /^Set HTTPS_PROXY to an address like http:\/\/proxy:8080/,
    ],
    [
      "damaged compressed content",
      "ZlibError",
      'ZlibError fetching "https://portal.qwen.ai/". For more information, pass `verbose: true`',
      "unexpected_response",
      /^The response from portal\.qwen\.ai cannot be read: its compressed content is damaged\.$/,
      /proxy or a security program/,
    ],
  ])("%s is reported without text that makes a host try again", (_, code, reason, errorCode, message, remedy) => {
    const cause = failed(reason, code)
    const error = networkError("portal.qwen.ai", cause)
    expect(error).toMatchObject({ code: errorCode, cause })
    expect(error.message).toMatch(message)
    expect(error.remedy).toMatch(remedy)
    expect(error.sentence).not.toMatch(DEVELOPER_TEXT)
    expect(retryWordIn(error.sentence)).toBeUndefined()
    expect(isConnectionBlocked(error)).toBe(true)
  })

  it.each([
    ["undici", failed("Proxy response (407) !== 200 when HTTP Tunneling")],
    ["Bun", new Error("Proxy refused to open a tunnel: 407 Proxy Authentication Required")],
  ])("%s: a proxy that requires authentication is reported as proxy_refused", (_, cause) => {
    const error = networkError("portal.qwen.ai", cause)
    expect(error.code).toBe("proxy_refused")
    expect(error.remedy).toContain("HTTPS_PROXY")
  })

  it("reports a proxy's other refusals as a service that cannot be reached", () => {
    const cause = failed("Proxy response (403) !== 200 when HTTP Tunneling", "UND_ERR_ABORTED")
    expect(networkError("portal.qwen.ai", cause).code).toBe("service_unreachable")
  })
})

it("networkError returns a QwenAuthError unchanged", () => {
  const error = new QwenAuthError("proxy_unusable", "The value of HTTPS_PROXY is not the address of a proxy.")
  expect(networkError("portal.qwen.ai", error)).toBe(error)
})

describe("networkError with this runtime's own fetch", () => {
  const body = JSON.stringify({ error: "not compressed at all" })

  it.each(["gzip", "deflate", "br"])("reports damaged compressed content: %s", async (encoding) => {
    const origin = await listening((_, response) => {
      response.writeHead(503, { "content-encoding": encoding, "content-length": body.length }).end(body)
    })
    const error = await failureAt(origin)
    expect(error.code).toBe("unexpected_response")
    expect(error.message).toContain("its compressed content is damaged")
  })

  it("reports a TLS handshake with an http server", async () => {
    const origin = await listening((_, response) => response.end())
    const error = await failureAt(origin.replace("http:", "https:"))
    expect(error.message).toContain("the TLS handshake failed")
  })

  it.each([
    ["before a response", ""],
    ["during a response", "HTTP/1.1 503 No\r\ncontent-length: 100\r\n\r\n{"],
  ])("reports a connection that closes %s", async (_, sent) => {
    const origin = await at(
      createTcpServer((socket) => socket.once("data", () => socket.end(sent)).on("error", () => {})),
    )
    const error = await failureAt(origin)
    expect(error.code).toBe("service_unreachable")
    expect(error.message).toContain("(the connection was closed)")
  })

  it("reports a response that is not HTTP", async () => {
    const origin = await at(createTcpServer((socket) => socket.on("error", () => {}).write("SSH-2.0-OpenSSH_9.6\r\n")))
    const error = await failureAt(origin)
    expect(error.message).toContain("it is not HTTP")
  })

  it("reports a port where nothing listens", async () => {
    const error = await failureAt("http://127.0.0.1:0")
    expect(error.code).toBe("service_unreachable")
    expect(error.message).toMatch(/\((?:no connection|connect ECONNREFUSED 127\.0\.0\.1)\)/)
  })
})

/** Fetches and reads `url`, which must fail, and returns the converted error. */
async function failureAt(url: string): Promise<QwenAuthError> {
  try {
    await (await fetch(url, { method: "POST", body: "x" })).text()
  } catch (cause) {
    const error = networkError("portal.qwen.ai", cause)
    expect(error.sentence).not.toMatch(DEVELOPER_TEXT)
    return error
  }
  throw new Error("the request succeeded")
}

function listening(listener: RequestListener): Promise<string> {
  return at(createServer(listener))
}

async function at(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  return `http://127.0.0.1:${address.port}`
}

describe("proxyRefusedError", () => {
  it("returns the same text for an error of fetch and for a response", () => {
    const cause = failed("Proxy response (407) !== 200 when HTTP Tunneling")
    expect(networkError("portal.qwen.ai", cause).sentence).toBe(proxyRefusedError().sentence)
    expect([proxyRefusedError(cause).cause, proxyRefusedError().cause]).toEqual([cause, undefined])
  })
})

describe("isConnectionBlocked", () => {
  it.each<[QwenAuthErrorCode, boolean]>([
    ["proxy_refused", true],
    ["proxy_unusable", true],
    ["certificate_not_trusted", true],
    ["unexpected_response", true],
    ["service_unreachable", false],
    ["token_refresh_unavailable", false],
    ["aborted", false],
  ])("is for %s: %s", (code, blocked) => {
    expect(isConnectionBlocked(new QwenAuthError(code, "Why."))).toBe(blocked)
  })

  it.each([new Error("proxy_refused"), "proxy_refused", undefined])(
    "is false for a value that is not a QwenAuthError: %s",
    (error) => {
      expect(isConnectionBlocked(error)).toBe(false)
    },
  )
})
