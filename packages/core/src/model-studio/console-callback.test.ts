import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { isApiKey } from "../credentials/api-key.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { parseConsoleCallback } from "./console-callback.ts"
import type { ConsoleSite } from "./console-site.ts"

const STATE = "0123456789abcdef0123456789abcdef"
const HOST = "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"

/** The observed body. */
const OBSERVED = {
  access_token: "console-session",
  api_key: "sk-ws-H.abc_DEF-123",
  base_url: HOST,
  workspace_id: "ws-1",
  console_site: "international",
  console_region: "ap-southeast-1",
  console_switch_agent: 123,
}
const CAMEL = {
  accessToken: "console-session",
  apiKey: OBSERVED.api_key,
  baseUrl: HOST,
  workspaceId: "ws-1",
  consoleSite: "international",
}
const ENDPOINT = { plan: "pay-as-you-go", region: "international", baseUrl: HOST }
const RECEIVED_KEY = { type: "api_key", apiKey: OBSERVED.api_key, ...ENDPOINT }

const query = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
const texts = { api_key: OBSERVED.api_key, base_url: HOST, workspace_id: "ws-1", console_site: "international" }
const keyIn = (fields: unknown, openedSite: ConsoleSite = "international") =>
  parseConsoleCallback("", JSON.stringify(fields), openedSite).key

describe("parseConsoleCallback", () => {
  it.each([
    ["JSON in snake_case, with the state in the query", `state=${STATE}`, JSON.stringify(OBSERVED)],
    ["JSON that includes the state", "", JSON.stringify({ ...OBSERVED, state: STATE })],
    ["JSON in camelCase", `state=${STATE}`, JSON.stringify(CAMEL)],
    ["JSON under data", `state=${STATE}`, JSON.stringify({ code: 200, data: OBSERVED })],
    ["JSON under data in camelCase that includes the state", "", JSON.stringify({ data: { ...CAMEL, state: STATE } })],
    ["JSON between white space", `state=${STATE}`, ` ${JSON.stringify(OBSERVED)}\n`],
    ["a query", query({ ...texts, state: STATE }), ""],
    ["a query in camelCase", query({ apiKey: OBSERVED.api_key, baseUrl: HOST, workspaceId: "ws-1", state: STATE }), ""],
    ["a form", `state=${STATE}`, query(texts)],
    ["a form that includes the state", "", query({ ...texts, state: STATE })],
    [
      "values between white space",
      `state=%20${STATE}%20`,
      JSON.stringify({ ...OBSERVED, api_key: ` ${OBSERVED.api_key}\n` }),
    ],
  ])("reads %s", (_, inQuery, body) => {
    expect(parseConsoleCallback(inQuery, body, "international")).toEqual({ state: STATE, key: RECEIVED_KEY })
  })

  it("does not return the console's session", () => {
    const callback = parseConsoleCallback("access_token=console-session", JSON.stringify(OBSERVED), "china")
    expect(JSON.stringify(callback)).not.toContain("console-session")
  })

  it.each([
    [
      "a named key to null and blank values",
      { api_key: null, apiKey: " ", data: { api_key: "sk-within-data" } },
      "sk-within-data",
    ],
    ["a key to one under data", { api_key: "sk-outside-data", data: { api_key: "sk-within-data" } }, "sk-outside-data"],
    ["the observed name to the older name", { apiKey: "sk-the-older", api_key: "sk-observed" }, "sk-observed"],
  ])("prefers %s", (_, fields, apiKey) => {
    expect(keyIn(fields)).toMatchObject({ apiKey })
  })

  it("prefers the first state of the query", () => {
    expect(parseConsoleCallback(`state=a&state=${STATE}`, JSON.stringify({ state: STATE }), "china").state).toBe("a")
  })

  it.each([7, true, {}, [STATE], null, ""])("ignores the state %j", (state) => {
    expect(parseConsoleCallback("", JSON.stringify({ state }), "china").state).toBeUndefined()
  })
})

describe("the key in a call", () => {
  it.each(["sk-ws-H.abc_DEF-123", "sk-12345678", `sk-${"a".repeat(500)}`, "sk-a+/=~.-b"])("accepts %s", (api_key) => {
    expect(keyIn({ api_key })).toMatchObject({ apiKey: api_key })
  })

  it.each([
    "key",
    "sk-1234567",
    "sk-ws-1234567",
    "sk-abc!defgh123",
    "SK-12345678",
    "ak-12345678",
    "sk-1234 5678",
    "sk-1234\r\nx: y",
    "sk-\u0000abcdefgh",
    "sk-schlüssel",
    `sk-${"a".repeat(501)}`,
    12345678,
    true,
    {},
    ["sk-12345678"],
  ])("rejects %j", (api_key) => {
    expect(keyIn({ api_key })).toBe("with an unusable key")
  })

  it.each([
    {},
    { api_key: null },
    { api_key: "" },
    { access_token: "sk-12345678" },
    { data: null },
    { data: "sk-12345678" },
    { data: [{ api_key: "sk-12345678" }] },
    { data: { data: { api_key: "sk-12345678" } } },
    [{ api_key: "sk-12345678" }],
    "sk-12345678",
    null,
  ])("is missing in %j", (fields) => {
    expect(keyIn(fields)).toBe("without a key")
  })

  it.each([
    '{"__proto__":{"api_key":"sk-12345678"}}',
    '{"constructor":{"prototype":{"api_key":"sk-12345678"}}}',
    '{"data":{"__proto__":{"api_key":"sk-12345678"}}}',
    "__proto__[api_key]=sk-12345678",
    "__proto__=sk-12345678&constructor=sk-12345678",
    "{",
    '{"api_key":"sk-123456',
    "<html></html>",
    "\u0000",
    "%",
    "&&==&",
  ])("is missing in the body %s", (body) => {
    expect(parseConsoleCallback("", body, "china").key).toBe("without a key")
    expect(Object.hasOwn(Object.prototype, "api_key")).toBe(false)
  })
})

describe("the other fields in a call", () => {
  it.each([
    ["international", "china"],
    ["domestic", "international"],
  ] as const)("include the site %s, which takes precedence over the opened site %s", (console_site, opened) => {
    expect(keyIn({ api_key: "sk-12345678", console_site }, opened)).toMatchObject({
      region: opened === "china" ? "international" : "china",
    })
  })

  it.each([undefined, null, "", "mars", 7, "__proto__"])(
    "include no site if it is %j, so the opened site is used",
    (console_site) => {
      expect(keyIn({ api_key: "sk-12345678", console_site }, "china")).toMatchObject({
        region: "china",
        baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1",
      })
    },
  )

  it("include workspace and region, which determine a missing address", () => {
    const fields = { api_key: "sk-12345678", workspace_id: "ws-2", console_region: "us-east-1" }
    expect(keyIn(fields)).toMatchObject({
      baseUrl: "https://ws-2.us-east-1.maas.aliyuncs.com/compatible-mode/v1",
    })
  })

  it.each(["evil.test/", "a.b", "-a", "a-", "ä", "a b", "a".repeat(64), 7, null])(
    "include no workspace if it is %j, so the site's own host is used",
    (workspace_id) => {
      expect(keyIn({ api_key: "sk-12345678", workspace_id })).toMatchObject({
        baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
      })
    },
  )

  it("make the call unusable if the address must not receive a key, even with a workspace", () => {
    expect(keyIn({ ...OBSERVED, base_url: "https://evil.test/v1" })).toBe("with an unusable API address")
    expect(keyIn({ ...OBSERVED, base_url: 7 })).toBe("with an unusable API address")
  })
})

describe("parseConsoleCallback returns a complete key or a reason", () => {
  const check = (inQuery: string, body: string) => {
    const { state, key } = parseConsoleCallback(inQuery, body, "international")
    expect(["string", "undefined"]).toContain(typeof state)
    if (typeof key === "string") {
      expect(["without a key", "with an unusable key", "with an unusable API address"]).toContain(key)
      return
    }
    expect(Object.keys(key).sort()).toEqual(["apiKey", "baseUrl", "plan", "region", "type"])
    expect(isApiKey(key.apiKey)).toBe(true)
    expect(isAllowedApiUrl(new URL(key.baseUrl))).toBe(true)
    expect(key.baseUrl).toMatch(/\/v1$/)
  }
  const name = fc.constantFrom(
    ...Object.keys(OBSERVED),
    ...Object.keys(CAMEL),
    "data",
    "state",
    "__proto__",
    "toString",
  )

  it("for any text as query and body", () => {
    always(fc.property(anyText, anyText, check), 500)
  })

  it("for any JSON value", () => {
    always(
      fc.property(fc.jsonValue(), (value) => check("", JSON.stringify(value))),
      300,
    )
  })

  it("for any JSON value in any field, also under data", () => {
    always(
      fc.property(name, fc.jsonValue(), fc.boolean(), (field, value, inData) => {
        const fields = { ...OBSERVED, [field]: value }
        check("", JSON.stringify(inData ? { data: fields } : fields))
      }),
      500,
    )
  })

  it("for any text in any field of a query or a form", () => {
    always(
      fc.property(name, anyText, (field, value) => {
        check(query({ ...texts, [field]: value }), "")
        check("", query({ ...texts, [field]: value }))
      }),
      500,
    )
  })

  it("for the observed call truncated at any position", () => {
    const whole = JSON.stringify(OBSERVED)
    for (let end = 0; end < whole.length; end++) check("", whole.slice(0, end))
  })
})
