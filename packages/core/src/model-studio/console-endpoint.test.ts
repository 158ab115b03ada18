import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { endpointLabel } from "../catalog/plans.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { consoleEndpoint } from "./console-endpoint.ts"

const endpoint = (baseUrl: unknown, site: "international" | "china" = "international") =>
  consoleEndpoint({ baseUrl, workspaceId: "ws-1", region: undefined, site })
const baseUrlOf = (baseUrl: unknown) => endpoint(baseUrl)?.baseUrl

describe("consoleEndpoint with a base URL from the console", () => {
  it.each([
    ["https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"],
    ["https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1/"],
    ["https://ws-1.ap-southeast-1.maas.aliyuncs.com"],
    ["https://ws-1.ap-southeast-1.maas.aliyuncs.com//"],
    ["https://ws-1.ap-southeast-1.maas.aliyuncs.com/v1"],
    ["https://ws-1.ap-southeast-1.maas.aliyuncs.com/apps/anthropic"],
    ["HTTPS://WS-1.ap-southeast-1.MAAS.aliyuncs.com:443/compatible-mode/v1"],
  ])("accepts %s", (baseUrl) => {
    expect(baseUrlOf(baseUrl)).toBe("https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1")
  })

  it.each([
    ["https://dashscope.aliyuncs.com/compatible-mode/v1", "https://dashscope.aliyuncs.com/compatible-mode/v1"],
    ["https://dashscope-intl.aliyuncs.com/v1", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"],
    ["https://maas.qwencloudapi.com", "https://maas.qwencloudapi.com/compatible-mode/v1"],
    ["https://cn-hongkong.dashscope.aliyuncs.com", "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1"],
  ])("normalises %s to %s", (baseUrl, address) => {
    expect(baseUrlOf(baseUrl)).toBe(address)
  })

  it.each([
    ["https://maas.qwencloudapi.com/compatible-mode/v1", "Pay as you go (international)"],
    ["https://token-plan.maas.qwencloudapi.com/compatible-mode/v1", "Token Plan (international)"],
    ["https://maas.qianwenaiapi.com/compatible-mode/v1", "Pay as you go (China)"],
    ["https://token-plan.maas.qianwenaiapi.com/compatible-mode/v1", "Token Plan (China)"],
    ["https://ws-1.ap-northeast-1.maas.aliyuncs.com/compatible-mode/v1", "Pay as you go (Tokyo)"],
    ["https://ws-1.eu-central-1.maas.aliyuncs.com/compatible-mode/v1", "Pay as you go (Frankfurt)"],
    ["https://trial.cn-hongkong.maas.aliyuncs.com/compatible-mode/v1", "Pay as you go (Hong Kong, trial host)"],
    ["https://eu.dashscope.aliyuncs.com/compatible-mode/v1", "Pay as you go (China)"],
  ])("keeps %s, whose label is %s, whatever the console", (baseUrl, label) => {
    const found = endpoint(baseUrl, "china")
    expect([found?.baseUrl, found && endpointLabel(found)]).toEqual([baseUrl, label])
  })

  it.each([
    ["another host", "https://evil.test/compatible-mode/v1"],
    ["a host that begins like a new one", "https://maas.qwencloudapi.com.evil.test/compatible-mode/v1"],
    ["a host that ends like a new one", "https://xmaas.qwencloudapi.com/compatible-mode/v1"],
    ["a new host over http", "http://maas.qwencloudapi.com/compatible-mode/v1"],
    ["a new host at another port", "https://maas.qianwenaiapi.com:8443/compatible-mode/v1"],
    ["a user name before a new host", "https://user@token-plan.maas.qwencloudapi.com/compatible-mode/v1"],
    ["a host that begins with an allowed host", "https://dashscope.aliyuncs.com.evil.test/compatible-mode/v1"],
    ["a host that ends with an allowed domain", "https://evilmaas.aliyuncs.com/compatible-mode/v1"],
    ["all of aliyuncs.com", "https://aliyuncs.com/compatible-mode/v1"],
    ["a storage bucket", "https://bucket.oss-cn-beijing.aliyuncs.com/compatible-mode/v1"],
    ["maas itself", "https://maas.aliyuncs.com/compatible-mode/v1"],
    ["the OAuth route's host", "https://portal.qwen.ai/v1"],
    ["a user name", "https://dashscope.aliyuncs.com@evil.test/v1"],
    ["a user name before the right host", "https://user@dashscope.aliyuncs.com/v1"],
    ["a password", "https://:pw@dashscope.aliyuncs.com/v1"],
    ["another port", "https://dashscope.aliyuncs.com:8443/v1"],
    ["http", "http://dashscope.aliyuncs.com/v1"],
    ["loopback", "http://127.0.0.1:4000/v1"],
    ["an address", "https://93.184.216.34/v1"],
    ["an IPv6 address", "https://[::1]/v1"],
    ["no scheme", "dashscope.aliyuncs.com/v1"],
    ["a script", "javascript:alert(1)//dashscope.aliyuncs.com/v1"],
    ["a Cyrillic look-alike", "https://dashscоpe.aliyuncs.com/v1"],
    ["full-width letters", "https://ｄashscope.aliyuncs.com/v1"],
    ["a look-alike of the dot", "https://x.maas。aliyuncs.com/v1"],
    ["a trailing dot", "https://dashscope.aliyuncs.com./v1"],
    ["a line break", "https://dashscope.aliyuncs.com/v1\r\n"],
    ["a tab", "https://dash\tscope.aliyuncs.com/v1"],
    ["another path", "https://dashscope.aliyuncs.com/apps/other"],
    ["a path that only ends with the API's path", "https://dashscope.aliyuncs.com/x/v1"],
    ["a query", "https://dashscope.aliyuncs.com/v1?x=1"],
    ["a fragment", "https://dashscope.aliyuncs.com/v1#x"],
    ["a host in the fragment", "https://evil.test#.maas.aliyuncs.com/v1"],
    ["a backslash", "https://evil.test\\.maas.aliyuncs.com/v1"],
    ["3 KB", `https://dashscope.aliyuncs.com/${"a".repeat(3_000)}/v1`],
    ["blank", " "],
    ["a number", 7],
    ["a list", ["https://dashscope.aliyuncs.com/v1"]],
    ["an object", { href: "https://dashscope.aliyuncs.com/v1" }],
    ["true", true],
  ])("rejects %s without a fallback (%j)", (_, baseUrl) => {
    expect(baseUrlOf(baseUrl)).toBeUndefined()
  })

  it("returns an allowed address or undefined for any text", () => {
    const piece = fc.constantFrom(
      ...["https://", "http://", "//", "dashscope.aliyuncs.com", "x.maas.aliyuncs.com", "evil.test", "qwen.ai"],
      ...["/compatible-mode", "/v1", "/", "\\", "@", ":", ".", "?", "#", "%2e", "%2f", "443", "[::1]", "\t"],
    )
    const address = fc.oneof(
      anyText,
      fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join("")),
      fc.array(piece, { maxLength: 5 }).map((pieces) => `https://dashscope.aliyuncs.com${pieces.join("")}`),
    )
    always(
      fc.property(address, (baseUrl) => {
        const result = baseUrlOf(baseUrl)
        const isValid = (text: string) =>
          isAllowedApiUrl(new URL(text)) && /^https:\/\/[a-z0-9.-]+\/[^?#]*v1$/.test(text)
        return result === undefined || isValid(result)
      }),
      2_000,
    )
  })
})

describe("consoleEndpoint without a base URL from the console", () => {
  it.each([
    ["international", "ws-1", undefined, "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"],
    ["china", "ws-1", undefined, "https://ws-1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"],
    ["china", "ws-1", "cn-hongkong", "https://ws-1.cn-hongkong.maas.aliyuncs.com/compatible-mode/v1"],
    ["international", "ws-1", "us-east-1", "https://ws-1.us-east-1.maas.aliyuncs.com/compatible-mode/v1"],
    ["international", "ws-1", "evil.test/", "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"],
    ["international", "ws-1", "x-y.oss", "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"],
    [
      "international",
      "ws-1",
      `cn-${"a".repeat(70)}`,
      "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
    ],
    ["international", undefined, "cn-beijing", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"],
    ["china", undefined, undefined, "https://dashscope.aliyuncs.com/compatible-mode/v1"],
  ] as const)(
    "returns for site %s, workspace %s and region %s the address %s",
    (site, workspaceId, region, address) => {
      expect(consoleEndpoint({ baseUrl: undefined, workspaceId, region, site })?.baseUrl).toBe(address)
    },
  )
})
