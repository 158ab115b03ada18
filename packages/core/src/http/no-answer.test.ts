import { describe, expect, it } from "vitest"
import { QwenAuthError, type QwenAuthErrorCode } from "../errors.ts"
import { isWayBarred, noAnswer, proxyRefused } from "./no-answer.ts"

/** As Node's fetch reports it. */
const failed = (reason: string) => new TypeError("fetch failed", { cause: new Error(reason) })

describe("no answer", () => {
  it.each([
    ["read ECONNRESET", "read ECONNRESET"],
    ["connect ETIMEDOUT 198.51.100.1:443", "connect ETIMEDOUT 198.51.100.1:443"],
    ["getaddrinfo ENOTFOUND portal.qwen.ai", "getaddrinfo ENOTFOUND portal.qwen.ai"],
    ["\u001b[31mno\nway", "no way"],
  ])("%j may pass: the service cannot be reached", (reason, words) => {
    const cause = failed(reason)
    const error = noAnswer("portal.qwen.ai", cause)
    expect(error.code).toBe("service_unreachable")
    expect(error.message).toBe(`portal.qwen.ai could not be reached (${words}).`)
    expect(error.remedy).toContain("network connection and proxy")
    expect(error.cause).toBe(cause)
  })

  it.each([
    ["Node, its own certificate", "self-signed certificate"],
    ["Node, a company's proxy", "self-signed certificate in certificate chain"],
    ["older Node and Bun", "self signed certificate in certificate chain"],
    ["an issuer that is not there", "unable to get local issuer certificate"],
    ["a chain that is cut", "unable to verify the first certificate"],
    ["the issuer's certificate", "unable to get issuer certificate"],
    ["OpenSSL's alert", "tlsv1 alert unknown ca"],
    ["Node's code in the text", "CERT_UNTRUSTED"],
  ])("%s: the certificate is not trusted here, and how to trust it", (_, reason) => {
    const error = noAnswer("portal.qwen.ai", failed(reason))
    expect(error.code).toBe("certificate_not_trusted")
    expect(error.message).toBe(`The certificate of portal.qwen.ai is not trusted here (${reason}).`)
    expect(error.remedy).toContain("NODE_EXTRA_CA_CERTS")
  })

  it.each([
    ["undici", failed("Proxy response (407) !== 200 when HTTP Tunneling")],
    ["Bun", new Error("Proxy refused to open a tunnel: 407 Proxy Authentication Required")],
  ])("%s: the proxy wants to be told who asks", (_, cause) => {
    const error = noAnswer("portal.qwen.ai", cause)
    expect(error.code).toBe("proxy_refused")
    expect(error.remedy).toContain("HTTPS_PROXY")
  })

  it.each([
    ["a proxy's other refusal", failed("Proxy response (403) !== 200 when HTTP Tunneling")],
    [
      "several addresses",
      new TypeError("fetch failed", { cause: new AggregateError([new Error("connect ECONNREFUSED")]) }),
    ],
    ["what is no error", "no"],
    ["nothing", undefined],
  ])("%s: the service cannot be reached", (_, cause) => {
    expect(noAnswer("portal.qwen.ai", cause).code).toBe("service_unreachable")
  })

  it("repeats nothing as long as a token", () => {
    const token = "sk-sp-0123456789abcdef0123456789abcdef"
    expect(noAnswer("portal.qwen.ai", failed(`invalid header value Bearer ${token}`)).sentence).not.toContain(token)
  })
})

describe("a proxy's refusal", () => {
  it("is the same error whether it came as an error or as an answer", () => {
    const cause = failed("Proxy response (407) !== 200 when HTTP Tunneling")
    expect(noAnswer("portal.qwen.ai", cause).sentence).toBe(proxyRefused().sentence)
    expect([proxyRefused(cause).cause, proxyRefused().cause]).toEqual([cause, undefined])
  })
})

describe("the way to the service is barred", () => {
  it.each<[QwenAuthErrorCode, boolean]>([
    ["proxy_refused", true],
    ["certificate_not_trusted", true],
    ["service_unreachable", false],
    ["token_refresh_unavailable", false],
    ["aborted", false],
  ])("with %s: %s", (code, barred) => {
    expect(isWayBarred(new QwenAuthError(code, "Why."))).toBe(barred)
  })

  it.each([new Error("proxy_refused"), "proxy_refused", undefined])(
    "not with what is no error of ours: %s",
    (error) => {
      expect(isWayBarred(error)).toBe(false)
    },
  )
})
