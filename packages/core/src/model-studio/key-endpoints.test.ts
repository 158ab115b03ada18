import * as fc from "fast-check"
import { thrownBy } from "qwen-auth-testing/failure-of"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { endpointLabel, PLANS } from "../catalog/plans.ts"
import { QwenAuthError } from "../errors.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { allEndpoints, endpointsFor, type KeyHint, parseApiEndpoint } from "./key-endpoints.ts"

const PLAN_ENDPOINTS = [
  "Coding Plan (international)",
  "Coding Plan (China)",
  "Token Plan (international)",
  "Token Plan (China)",
]
const PAID_ENDPOINTS = [
  "Pay as you go (international)",
  "Pay as you go (China)",
  "Pay as you go (US)",
  "Pay as you go (Hong Kong)",
]

describe("endpointsFor", () => {
  it.each([
    ["plan", PLAN_ENDPOINTS],
    ["standard", PAID_ENDPOINTS],
    ["workspace", PAID_ENDPOINTS],
  ] as const)("returns all endpoints for the kind %s", (kind, endpoints) => {
    expect(endpointsFor(kind).map(endpointLabel)).toEqual(endpoints)
    expect(allEndpoints(kind).map(endpointLabel)).toEqual(endpoints)
  })

  it.each([
    ["plan", { plan: "coding-plan" }, ["Coding Plan (international)", "Coding Plan (China)"]],
    ["plan", { plan: "token-plan", region: "china" }, ["Token Plan (China)"]],
    ["plan", { region: "international" }, ["Coding Plan (international)", "Token Plan (international)"]],
    ["standard", { region: "us" }, ["Pay as you go (US)"]],
    ["standard", { plan: "pay-as-you-go" }, PAID_ENDPOINTS],
    ["plan", { plan: undefined, region: undefined, endpoint: undefined }, PLAN_ENDPOINTS],
    // The plan has no endpoint in that region, or the plan has another kind of key.
    ["plan", { region: "us" }, []],
    ["plan", { plan: "pay-as-you-go" }, []],
    ["standard", { plan: "coding-plan" }, []],
  ] satisfies ["plan" | "standard", KeyHint, string[]][])(
    "for the kind %s applies the hint %j",
    (kind, hint, endpoints) => {
      expect(endpointsFor(kind, hint).map(endpointLabel)).toEqual(endpoints)
    },
  )

  it("returns only the workspace's endpoint if it is known", () => {
    const workspace = parseApiEndpoint("ws-1.cn-beijing.maas.aliyuncs.com")
    for (const kind of ["plan", "standard", "workspace"] as const) {
      expect(endpointsFor(kind, { endpoint: workspace, plan: "coding-plan", region: "us" })).toEqual([workspace])
    }
  })

  it("covers every endpoint of the catalogue", () => {
    const endpoints = [...allEndpoints("plan"), ...allEndpoints("standard")]
    expect(new Set(endpoints)).toEqual(new Set(PLANS.flatMap(({ endpoints: each }) => each)))
  })
})

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
    // IDNA maps full-width letters and dots to plain ones, so this is the same host.
    "ｗｓ-1．ap-southeast-1.maas.aliyuncs.com",
  ])("returns the pay-as-you-go endpoint for %j", (address) => {
    expect(parseApiEndpoint(address)).toEqual({ plan: "pay-as-you-go", region: "international", baseUrl: WORKSPACE })
  })

  it.each([
    ["ws-1.ap-southeast-1.maas.aliyuncs.com", "international"],
    ["ws-1.eu-central-1.maas.aliyuncs.com", "international"],
    ["ws-1.cn-beijing.maas.aliyuncs.com", "china"],
    ["ws-1.cn-shanghai.maas.aliyuncs.com", "china"],
    ["ws-1.cn-hongkong.maas.aliyuncs.com", "hongkong"],
    ["ws-1.us-east-1.maas.aliyuncs.com", "us"],
    // A workspace may have the name of a region.
    ["cn-1.ap-southeast-1.maas.aliyuncs.com", "international"],
  ])("returns for %s the region %s", (address, region) => {
    expect(parseApiEndpoint(address).region).toBe(region)
  })

  it.each([
    ["nothing", ""],
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

  it("returns an allowed endpoint or throws for any text", () => {
    const piece = fc.constantFrom(
      ..."/\\@:.-?# \t",
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
          const { baseUrl, plan } = parseApiEndpoint(pasted)
          const url = new URL(baseUrl)
          expect([plan, isAllowedApiUrl(url), url.search, url.hash]).toEqual(["pay-as-you-go", true, "", ""])
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
