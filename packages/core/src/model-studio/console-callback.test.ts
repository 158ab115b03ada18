import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { isApiKey } from "../credentials/api-key.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { parseConsoleCallback } from "./console-callback.ts"

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
const HANDED_OVER = { apiKey: OBSERVED.api_key, ...ENDPOINT, site: "international", workspaceId: "ws-1" }

const query = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
const texts = { api_key: OBSERVED.api_key, base_url: HOST, workspace_id: "ws-1", console_site: "international" }
const handedOver = (fields: unknown) => parseConsoleCallback("", JSON.stringify(fields)).handedOver("international")

describe("the format of a call", () => {
  it.each([
    ["JSON in snake_case, state in the query", `state=${STATE}`, JSON.stringify(OBSERVED)],
    ["JSON with the state in it", "", JSON.stringify({ ...OBSERVED, state: STATE })],
    ["JSON in camelCase", `state=${STATE}`, JSON.stringify(CAMEL)],
    ["JSON under data", `state=${STATE}`, JSON.stringify({ code: 200, data: OBSERVED })],
    ["JSON under data in camelCase, state in it", "", JSON.stringify({ data: { ...CAMEL, state: STATE } })],
    ["JSON with blanks around", `state=${STATE}`, ` ${JSON.stringify(OBSERVED)}\n`],
    ["a query", query({ ...texts, state: STATE }), ""],
    ["a query in camelCase", query({ apiKey: OBSERVED.api_key, baseUrl: HOST, workspaceId: "ws-1", state: STATE }), ""],
    ["a form", `state=${STATE}`, query(texts)],
    ["a form with the state in it", "", query({ ...texts, state: STATE })],
    ["blanks around", `state=%20${STATE}%20`, JSON.stringify({ ...OBSERVED, api_key: ` ${OBSERVED.api_key}\n` })],
  ])("%s", (_, inQuery, body) => {
    const callback = parseConsoleCallback(inQuery, body)
    expect(callback.state).toBe(STATE)
    expect(callback.handedOver("international")).toEqual(HANDED_OVER)
  })

  it("returns only the known fields, not the console's session", () => {
    const callback = parseConsoleCallback("access_token=console-session", JSON.stringify(OBSERVED))
    expect(JSON.stringify([callback, callback.handedOver("china")])).not.toContain("console-session")
  })

  it.each([
    [
      "null and blank count as absent",
      { api_key: null, apiKey: " ", data: { api_key: "sk-within-data" } },
      "sk-within-data",
    ],
    [
      "the outer key before the one under data",
      { api_key: "sk-outside-data", data: { api_key: "sk-within-data" } },
      "sk-outside-data",
    ],
    ["the observed name before the older", { apiKey: "sk-the-older", api_key: "sk-observed" }, "sk-observed"],
  ])("%s", (_, fields, apiKey) => {
    expect(handedOver(fields)).toMatchObject({ apiKey })
  })

  it("prefers the state of the query", () => {
    expect(parseConsoleCallback(`state=a&state=${STATE}`, JSON.stringify({ state: STATE })).state).toBe("a")
  })

  it.each([7, true, {}, [STATE], null, ""])("a state of %j counts as missing", (state) => {
    expect(parseConsoleCallback("", JSON.stringify({ state })).state).toBeUndefined()
  })
})

describe("the key of a call", () => {
  it.each(["sk-ws-H.abc_DEF-123", "sk-12345678", `sk-${"a".repeat(500)}`, "sk-a+/=~.-b"])("accepts %s", (api_key) => {
    expect(handedOver({ api_key })).toMatchObject({ apiKey: api_key })
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
    expect(handedOver({ api_key })).toBe("with an unusable key")
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
    expect(handedOver(fields)).toBe("without a key")
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
  ])("is missing in the body %s, whose query is still read", (body) => {
    expect(parseConsoleCallback("", body).handedOver("china")).toBe("without a key")
    expect(Object.hasOwn(Object.prototype, "api_key")).toBe(false)
  })
})

describe("the other fields of a call", () => {
  it.each([
    ["international", "china"],
    ["domestic", "international"],
  ] as const)("the console's site %s takes precedence over the opened site %s", (console_site, opened) => {
    const key = parseConsoleCallback("", JSON.stringify({ api_key: "sk-12345678", console_site })).handedOver(opened)
    expect(key).toMatchObject({ site: opened === "china" ? "international" : "china" })
  })

  it.each([undefined, null, "", "mars", 7, "__proto__"])(
    "%j is not a site, so the opened site is used",
    (console_site) => {
      const key = parseConsoleCallback("", JSON.stringify({ api_key: "sk-12345678", console_site })).handedOver("china")
      expect(key).toMatchObject({ site: "china", baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1" })
    },
  )

  it("workspace and region determine the address if it is missing", () => {
    const fields = { api_key: "sk-12345678", workspace_id: "ws-2", console_region: "us-east-1" }
    expect(handedOver(fields)).toMatchObject({
      baseUrl: "https://ws-2.us-east-1.maas.aliyuncs.com/compatible-mode/v1",
      workspaceId: "ws-2",
    })
  })

  it.each(["evil.test/", "a.b", "-a", "a-", "ä", "a b", "a".repeat(64), 7, null])(
    "%j is no workspace: it gives no host",
    (workspace_id) => {
      expect(handedOver({ api_key: "sk-12345678", workspace_id })).toMatchObject({
        baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        workspaceId: undefined,
      })
    },
  )

  it("an address that must not receive a key makes the call unusable, even with a workspace", () => {
    expect(handedOver({ ...OBSERVED, base_url: "https://evil.test/v1" })).toBe("with an unusable API address")
    expect(handedOver({ ...OBSERVED, base_url: 7 })).toBe("with an unusable API address")
  })
})

describe("for any call, the result is a complete key or a reason:", () => {
  const check = (inQuery: string, body: string) => {
    const callback = parseConsoleCallback(inQuery, body)
    expect(["string", "undefined"]).toContain(typeof callback.state)
    const key = callback.handedOver("international")
    if (typeof key === "string") {
      expect(["without a key", "with an unusable key", "with an unusable API address"]).toContain(key)
      return
    }
    expect(Object.keys(key).sort()).toEqual(["apiKey", "baseUrl", "plan", "region", "site", "workspaceId"])
    expect(isApiKey(key.apiKey)).toBe(true)
    expect(isAllowedApiUrl(new URL(key.baseUrl))).toBe(true)
    expect(key.baseUrl).toMatch(/\/v1$/)
    expect(["international", "china"]).toContain(key.site)
    expect(key.workspaceId ?? "ws").toMatch(/^[a-z0-9-]+$/i)
  }
  const name = fc.constantFrom(
    ...Object.keys(OBSERVED),
    ...Object.keys(CAMEL),
    "data",
    "state",
    "__proto__",
    "toString",
  )

  it("any text as query and body", () => {
    always(fc.property(anyText, anyText, check), 500)
  })

  it("any JSON value", () => {
    always(
      fc.property(fc.jsonValue(), (value) => check("", JSON.stringify(value))),
      300,
    )
  })

  it("any field of the observed call replaced by any JSON value, in any source", () => {
    always(
      fc.property(name, fc.jsonValue(), fc.boolean(), (field, value, inData) => {
        const fields = { ...OBSERVED, [field]: value }
        check("", JSON.stringify(inData ? { data: fields } : fields))
      }),
      500,
    )
  })

  it("any field of the observed call replaced by any text, in a query and a form", () => {
    always(
      fc.property(name, anyText, (field, value) => {
        check(query({ ...texts, [field]: value }), "")
        check("", query({ ...texts, [field]: value }))
      }),
      500,
    )
  })

  it("the observed call truncated at any position", () => {
    const whole = JSON.stringify(OBSERVED)
    for (let end = 0; end < whole.length; end++) check("", whole.slice(0, end))
  })
})
