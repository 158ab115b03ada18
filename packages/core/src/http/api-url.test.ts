import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { DEFAULT_API_BASE_URL, isAllowedApiUrl, requestUrl, resourceBaseUrl } from "./api-url.ts"

describe("isAllowedApiUrl", () => {
  it.each([
    "https://qwen.ai/",
    "https://portal.qwen.ai/v1",
    "https://a.b.qwen.ai/",
    "https://PORTAL.QWEN.AI/",
    "https://portal.qwen.ai:443/v1",
    "https://dashscope.aliyuncs.com/compatible-mode/v1",
    "https://dashscope-intl.aliyuncs.com/",
    "https://dashscope-us.aliyuncs.com/",
    "https://coding.dashscope.aliyuncs.com/v1",
    "https://cn-hongkong.dashscope.aliyuncs.com/",
    "https://ws-1.cn-beijing.maas.aliyuncs.com/",
    "https://x.maas.aliyuncs.com/",
    "https://maas.qwencloudapi.com/compatible-mode/v1",
    "https://token-plan.maas.qwencloudapi.com/compatible-mode/v1",
    "https://maas.qianwenaiapi.com/compatible-mode/v1",
    "https://token-plan.maas.qianwenaiapi.com/compatible-mode/v1",
    // IDNA maps full-width letters to plain ones, so this is the same host.
    "https://ｑｗｅｎ.ai/",
  ])("allows %s", (value) => {
    expect(isAllowedApiUrl(new URL(value))).toBe(true)
  })

  it.each([
    ["http", "http://portal.qwen.ai/v1"],
    ["http on loopback", "http://127.0.0.1/v1"],
    ["another scheme", "ftp://portal.qwen.ai/"],
    ["another port", "https://portal.qwen.ai:8443/"],
    ["a user name", "https://user@portal.qwen.ai/"],
    ["a password", "https://:pw@portal.qwen.ai/"],
    ["a host as the user name", "https://portal.qwen.ai@evil.test/"],
    ["a host that begins with an allowed host", "https://qwen.ai.evil.test/"],
    ["a host that ends with an allowed host", "https://evilqwen.ai/"],
    ["the host in the path", "https://evil.test/qwen.ai"],
    ["the host in the query", "https://evil.test/?portal.qwen.ai"],
    ["the host in the fragment", "https://evil.test/#.qwen.ai"],
    ["a trailing dot", "https://portal.qwen.ai./"],
    ["a Cyrillic look-alike", "https://portal.qwеn.ai/"],
    ["a look-alike of the dot", "https://portalqwen。ai.evil.test/"],
    ["another top level", "https://qwen.ai.cn/"],
    ["all of aliyuncs.com", "https://aliyuncs.com/"],
    ["a storage bucket", "https://bucket.oss-cn-beijing.aliyuncs.com/"],
    ["a bucket named like the API", "https://dashscope.oss-cn-beijing.aliyuncs.com/"],
    ["a bucket host", "https://oss-cn-beijing.aliyuncs.com/"],
    ["a host like dashscope", "https://evil-dashscope.aliyuncs.com/"],
    ["below dashscope-intl", "https://x.dashscope-intl.aliyuncs.com/"],
    ["maas itself", "https://maas.aliyuncs.com/"],
    ["a host that ends like maas", "https://evilmaas.aliyuncs.com/"],
    ["all of qwencloudapi.com", "https://qwencloudapi.com/"],
    ["another host of qwencloudapi.com", "https://x.maas.qwencloudapi.com/"],
    ["another host of qianwenaiapi.com", "https://x.maas.qianwenaiapi.com/"],
    ["a host that begins like maas.qwencloudapi.com", "https://maas.qwencloudapi.com.evil.test/"],
    ["a host that ends like maas.qwencloudapi.com", "https://xmaas.qwencloudapi.com/"],
    ["http on maas.qwencloudapi.com", "http://maas.qwencloudapi.com/"],
    ["another port of maas.qwencloudapi.com", "https://maas.qwencloudapi.com:8443/"],
    ["a user name before maas.qwencloudapi.com", "https://user@maas.qwencloudapi.com/"],
    ["an address", "https://93.184.216.34/"],
  ])("rejects %s (%s)", (_, value) => {
    expect(isAllowedApiUrl(new URL(value))).toBe(false)
  })
})

describe("resourceBaseUrl", () => {
  it.each([
    ["portal.qwen.ai", "https://portal.qwen.ai/v1"],
    ["portal.qwen.ai/", "https://portal.qwen.ai/v1"],
    ["portal.qwen.ai/v1", "https://portal.qwen.ai/v1"],
    ["portal.qwen.ai/v1/", "https://portal.qwen.ai/v1"],
    ["https://portal.qwen.ai", "https://portal.qwen.ai/v1"],
    ["https://portal.qwen.ai/v1///", "https://portal.qwen.ai/v1"],
    ["HTTPS://Portal.Qwen.AI/v1", "https://portal.qwen.ai/v1"],
    ["portal.qwen.ai:443", "https://portal.qwen.ai/v1"],
    ["dashscope.aliyuncs.com/compatible-mode", "https://dashscope.aliyuncs.com/compatible-mode/v1"],
    ["maas.qwencloudapi.com/compatible-mode", "https://maas.qwencloudapi.com/compatible-mode/v1"],
    ["https://token-plan.maas.qwencloudapi.com/", "https://token-plan.maas.qwencloudapi.com/v1"],
    ["maas.qianwenaiapi.com/compatible-mode/v1/", "https://maas.qianwenaiapi.com/compatible-mode/v1"],
    ["token-plan.maas.qianwenaiapi.com", "https://token-plan.maas.qianwenaiapi.com/v1"],
    ["https://dashscope.aliyuncs.com/compatible-mode/v1", "https://dashscope.aliyuncs.com/compatible-mode/v1"],
    // A backslash is a slash to a URL parser, so this is a path on Qwen's own host.
    ["https://portal.qwen.ai\\@evil.test", "https://portal.qwen.ai/@evil.test/v1"],
    [
      "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/",
      "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    ],
  ])("returns the base URL of %s: %s", (resourceUrl, baseUrl) => {
    expect(resourceBaseUrl(resourceUrl)).toBe(baseUrl)
  })

  it.each([
    "",
    "/",
    "v1",
    "evil.test",
    "https://evil.test/v1",
    "http://portal.qwen.ai/v1",
    "https://portal.qwen.ai.evil.test",
    "portal.qwen.ai@evil.test",
    "evil.test/portal.qwen.ai",
    "evil.test#portal.qwen.ai",
    "evil.test\\.qwen.ai",
    "maas.qwencloudapi.com.evil.test",
    "xmaas.qwencloudapi.com",
    "http://maas.qwencloudapi.com",
    "maas.qianwenaiapi.com:8443",
    "user@maas.qianwenaiapi.com",
    "portal.qwen.ai:8443",
    "user:pw@portal.qwen.ai",
    "portal.qwen.ai?x=1",
    "portal.qwen.ai#x",
    "javascript://portal.qwen.ai/%0aalert(1)",
    "file:///etc/passwd",
    "http://127.0.0.1:4000",
    "https://bucket.oss-cn-beijing.aliyuncs.com",
  ])("returns undefined for %s", (resourceUrl) => {
    expect(resourceBaseUrl(resourceUrl)).toBeUndefined()
  })

  it("returns an allowed base URL or undefined for any text", () => {
    const hosts = ["portal.qwen.ai", "qwen.ai", "x.maas.aliyuncs.com", "dashscope.aliyuncs.com", "evil.test"]
    const scheme = fc.constantFrom("", "https://", "https:", "http://", "//", "HTTPS:\\\\", "\t")
    const piece = fc.constantFrom(
      ...hosts,
      ...hosts,
      ..."/\\@:.-?# \t",
      "//",
      "%2e",
      "%2f",
      "%40",
      "v1",
      "[::1]",
      "443",
    )
    const address = fc.oneof(
      anyText,
      fc.tuple(scheme, fc.array(piece, { maxLength: 5 })).map(([start, pieces]) => `${start}${pieces.join("")}`),
    )
    always(
      fc.property(address, (resourceUrl) => {
        const baseUrl = resourceBaseUrl(resourceUrl)
        return baseUrl === undefined || (isAllowedApiUrl(new URL(baseUrl)) && baseUrl.endsWith("/v1"))
      }),
      1_000,
    )
  })
})

describe("requestUrl", () => {
  it.each([
    ["https://portal.qwen.ai/v1/chat/completions", "https://portal.qwen.ai/v1/chat/completions"],
    [
      "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions",
      "https://portal.qwen.ai/v1/chat/completions",
    ],
    ["https://evil.test/v1/chat/completions", "https://portal.qwen.ai/v1/chat/completions"],
    ["https://evil.test/chat/completions", "https://portal.qwen.ai/v1/chat/completions"],
    ["http://localhost:4000/a/v2/models?limit=1", "https://portal.qwen.ai/v1/models?limit=1"],
    ["https://api.test/v1", "https://portal.qwen.ai/v1"],
    ["https://api.test/v1/", "https://portal.qwen.ai/v1/"],
    ["https://api.test/v1beta/x", "https://portal.qwen.ai/v1/v1beta/x"],
    ["https://api.test/v1/files/v1/content", "https://portal.qwen.ai/v1/files/v1/content"],
  ])("maps %s to %s", (requested, url) => {
    expect(requestUrl(DEFAULT_API_BASE_URL, new URL(requested))).toBe(url)
  })

  it("never leaves the origin of the base URL", () => {
    const pieces = fc.constantFrom(
      ...["/", "//", "\\", "..", "/v1", "@", ":", "?", "#", "%2e%2e", "%2f", "evil.test", "https:", "chat", ";"],
    )
    const path = fc.oneof(
      anyText,
      fc.array(pieces).map((parts) => parts.join("")),
    )
    const start = fc.constantFrom(
      "https://evil.test",
      "https://evil.test/v1",
      "http://127.0.0.1:1/",
      "data:",
      "foo://",
      "x:",
    )
    const base = fc.constantFrom(
      DEFAULT_API_BASE_URL,
      "https://dashscope.aliyuncs.com/compatible-mode/v1",
      "http://127.0.0.1:4000",
    )
    always(
      fc.property(base, start, path, (baseUrl, from, rest) => {
        const requested = `${from}${rest}`
        if (!URL.canParse(requested)) return true
        const url = new URL(requestUrl(baseUrl, new URL(requested)))
        return url.origin === new URL(baseUrl).origin && url.username === "" && url.password === ""
      }),
      1_000,
    )
  })
})
