import * as fc from "fast-check"
import { thrownBy } from "qwen-auth-testing/failure-of"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { endpointLabel, PLANS } from "../catalog/plans.ts"
import { QwenAuthError } from "../errors.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { parseApiEndpoint } from "./endpoint-address.ts"

const WORKSPACE = "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"

describe("parseApiEndpoint", () => {
  it.each([
    "ws-1.ap-southeast-1.maas.aliyuncs.com",
    "  ws-1.ap-southeast-1.maas.aliyuncs.com\n",
    "ws-1.ap-southeast-1.maas.aliyuncs.com/",
    "WS-1.AP-Southeast-1.MAAS.aliyuncs.com",
    "ws-1.ap-southeast-1.maas.aliyuncs.com:443",
    "https://ws-1.ap-southeast-1.maas.aliyuncs.com",
    "HTTPS://ws-1.ap-southeast-1.maas.aliyuncs.com//",
    "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode",
    "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/",
    "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
    "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1///",
    "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1/chat/completions",
    "https://ws-1.ap-southeast-1.maas.aliyuncs.com/v1",
    "https://ws-1.ap-southeast-1.maas.aliyuncs.com/v1/",
    "https://ws-1.ap-southeast-1.maas.aliyuncs.com/api/v1",
    "https://ws-1.ap-southeast-1.maas.aliyuncs.com/apps/anthropic",
    "ws-1.ap-southeast-1.maas.aliyuncs.com/apps/anthropic/v1/messages",
    ' "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1" ',
    "`ws-1.ap-southeast-1.maas.aliyuncs.com`",
    "<https://ws-1.ap-southeast-1.maas.aliyuncs.com>",
    "“ws-1.ap-southeast-1.maas.aliyuncs.com”;",
    "\u200bws-1.ap-southeast-1.maas.aliyuncs.com\u00a0",
    // IDNA maps full-width letters and dots to plain ones, so this is the same host.
    "ｗｓ-1．ap-southeast-1.maas.aliyuncs.com",
  ])("returns the pay-as-you-go endpoint for %j", (address) => {
    expect(parseApiEndpoint(address)).toEqual({ plan: "pay-as-you-go", region: "international", baseUrl: WORKSPACE })
  })

  it.each([
    ["ws-1.ap-southeast-1.maas.aliyuncs.com", "international"],
    ["ws-1.eu-central-1.maas.aliyuncs.com", "frankfurt"],
    ["ws-1.ap-northeast-1.maas.aliyuncs.com", "tokyo"],
    ["trial.cn-beijing.maas.aliyuncs.com", "china"],
    ["trial.ap-southeast-1.maas.aliyuncs.com", "international"],
    ["x.maas.aliyuncs.com", "international"],
    ["ws-1.cn-beijing.maas.aliyuncs.com", "china"],
    ["ws-1.cn-shanghai.maas.aliyuncs.com", "china"],
    ["ws-1.cn-hongkong.maas.aliyuncs.com", "hongkong"],
    ["ws-1.us-east-1.maas.aliyuncs.com", "us"],
    // A workspace may have the name of a region.
    ["cn-1.ap-southeast-1.maas.aliyuncs.com", "international"],
  ])("returns for %s an endpoint with the region %s", (address, region) => {
    expect(parseApiEndpoint(address).region).toBe(region)
  })

  it.each([
    ["maas.qwencloudapi.com", "Pay as you go (international)"],
    ["token-plan.maas.qwencloudapi.com", "Token Plan (international)"],
    ["maas.qianwenaiapi.com", "Pay as you go (China)"],
    ["token-plan.maas.qianwenaiapi.com", "Token Plan (China)"],
    ["ws-1.ap-northeast-1.maas.aliyuncs.com", "Pay as you go (Tokyo)"],
    ["ws-1.eu-central-1.maas.aliyuncs.com", "Pay as you go (Frankfurt)"],
    ["trial.cn-beijing.maas.aliyuncs.com", "Pay as you go (China, trial host)"],
    ["trial.ap-southeast-1.maas.aliyuncs.com", "Pay as you go (international, trial host)"],
    ["trial.cn-hongkong.maas.aliyuncs.com", "Pay as you go (Hong Kong, trial host)"],
    ["token-plan.us-east-1.maas.aliyuncs.com", "Token Plan (US)"],
  ])("keeps the host %s, whose label is %s", (host, label) => {
    const baseUrl = `https://${host}/compatible-mode/v1`
    const copied = [host, `https://${host}/v1`, ` "${baseUrl}/" `, `https://${host}/apps/anthropic/v1`]
    for (const address of copied) {
      const endpoint = parseApiEndpoint(address)
      expect([endpoint.baseUrl, endpointLabel(endpoint)]).toEqual([baseUrl, label])
    }
  })

  it.each([
    ["coding-intl.dashscope.aliyuncs.com", "https://coding-intl.dashscope.aliyuncs.com/v1"],
    ["https://coding.dashscope.aliyuncs.com/apps/anthropic", "https://coding.dashscope.aliyuncs.com/v1"],
    ["https://dashscope.aliyuncs.com/api/v1", "https://dashscope.aliyuncs.com/compatible-mode/v1"],
    [
      "https://token-plan.cn-beijing.maas.aliyuncs.com/apps/anthropic/v1/messages",
      "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
    ],
  ])("returns the catalogue's endpoint for %s", (address, baseUrl) => {
    const known = PLANS.flatMap(({ endpoints }) => endpoints).find((endpoint) => endpoint.baseUrl === baseUrl)
    expect(known).toBeDefined()
    expect(parseApiEndpoint(address)).toEqual(known)
  })

  it.each([
    ["an empty text", ""],
    ["a space", " "],
    ["a word", "workspace"],
    ["another host", "evil.test"],
    ["a host that begins with an allowed host", "ws-1.cn-beijing.maas.aliyuncs.com.evil.test"],
    ["a host that ends with an allowed domain", "evilmaas.aliyuncs.com"],
    ["maas itself", "maas.aliyuncs.com"],
    ["all of aliyuncs.com", "aliyuncs.com"],
    ["a storage bucket", "https://maas.oss-cn-beijing.aliyuncs.com"],
    ["the host in the path", "https://evil.test/ws-1.cn-beijing.maas.aliyuncs.com"],
    ["the host in the query", "https://evil.test/?x=.maas.aliyuncs.com"],
    ["the host in the fragment", "https://evil.test/#.maas.aliyuncs.com"],
    ["the host before a backslash", "https://evil.test\\.maas.aliyuncs.com"],
    ["the host as a user name", "https://ws-1.cn-beijing.maas.aliyuncs.com@evil.test"],
    ["a user name", "https://user@ws-1.cn-beijing.maas.aliyuncs.com"],
    ["a password", "https://:pw@ws-1.cn-beijing.maas.aliyuncs.com"],
    ["another port", "https://ws-1.cn-beijing.maas.aliyuncs.com:8443"],
    ["http", "http://ws-1.cn-beijing.maas.aliyuncs.com"],
    ["another scheme", "ftp://ws-1.cn-beijing.maas.aliyuncs.com"],
    ["a script", "javascript://ws-1.cn-beijing.maas.aliyuncs.com/%0aalert(1)"],
    ["a file", "file:///etc/passwd"],
    ["loopback", "http://127.0.0.1:4000"],
    ["a trailing dot", "https://ws-1.cn-beijing.maas.aliyuncs.com."],
    ["a Cyrillic look-alike", "https://ws-1.cn-beijing.mааs.aliyuncs.com"],
    ["a look-alike of the slash", "https://evil.test／ws-1.cn-beijing.maas.aliyuncs.com"],
    ["a host that begins like a new one", "maas.qwencloudapi.com.evil.test"],
    ["a host that ends like a new one", "xmaas.qwencloudapi.com"],
    ["a host below a new one", "x.maas.qwencloudapi.com"],
    ["the domain of a new one", "qianwenaiapi.com"],
    ["a new host over http", "http://maas.qwencloudapi.com"],
    ["another port of a new host", "maas.qianwenaiapi.com:8443"],
    ["a user name before a new host", "user@token-plan.maas.qianwenaiapi.com"],
    ["a password before a new host", "https://:pw@maas.qwencloudapi.com"],
    ["a new host as a user name", "https://maas.qwencloudapi.com@evil.test"],
    ["a trial host of another domain", "trial.cn-beijing.maas.aliyuncs.com.evil.test"],
    ["another path", "https://maas.qwencloudapi.com/x"],
    ["a query", "https://ws-1.cn-beijing.maas.aliyuncs.com/?x=1"],
    ["a fragment", "https://ws-1.cn-beijing.maas.aliyuncs.com/#x"],
    ["the account's API", "https://portal.qwen.ai/v1"],
    ["the account's site", "qwen.ai"],
    ["the console", "https://bailian.console.aliyun.com"],
  ])("rejects %s", async (_, address) => {
    const error = await thrownBy(() => parseApiEndpoint(address))
    expect(error.code).toBe("invalid_endpoint")
    expect(error.message).toMatch(/^".*" is not a Model Studio API address\.$/)
    expect(error.remedy).toContain("maas.aliyuncs.com")
  })

  it("repeats an invalid address in one short line without control characters", async () => {
    const { message } = await thrownBy(() => parseApiEndpoint(`\u001b[31mno\nway \u202e${"x ".repeat(500)}`))
    expect(message).toMatch(/^"no way x x/)
    expect(message.length).toBeLessThan(130)
  })

  it.each(["sk-sp-0123456789abcdef", "o1_0123456789abcdef"])(
    "does not repeat a key that was entered: %s",
    async (key) => {
      expect((await thrownBy(() => parseApiEndpoint(key))).sentence).not.toContain("0123456789")
    },
  )

  it("returns an allowed endpoint or throws for any text", () => {
    const piece = fc.constantFrom(
      ..."/\\@:.-?# \t",
      ...["maas.qwencloudapi.com", "token-plan.maas.qianwenaiapi.com", "apps/anthropic"],
      ...["//", "https:", "http:", "ws-1.cn-beijing.maas.aliyuncs.com", ".maas.aliyuncs.com", "evil.test"],
      ...["compatible-mode", "v1", "%2e", "%2f", "%40", "[::1]", "443", "qwen.ai"],
    )
    const address = fc.oneof(
      anyText,
      fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("")),
    )
    always(
      fc.property(address, (pasted) => {
        try {
          const { baseUrl } = parseApiEndpoint(pasted)
          const url = new URL(baseUrl)
          expect([isAllowedApiUrl(url), url.search, url.hash]).toEqual([true, "", ""])
          expect(url.hostname).not.toMatch(/qwen\.ai$/)
          expect(baseUrl).toBe(url.href)
          expect(baseUrl).not.toMatch(/\/$/)
        } catch (error) {
          if (!QwenAuthError.isInstance(error)) throw error
        }
      }),
      1_000,
    )
  })
})
