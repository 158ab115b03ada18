import * as fc from "fast-check"
import { formatStoredCredential, parseApiEndpoint, parseStoredCredential } from "qwen-auth-core/internal"
import { always } from "qwen-auth-testing/properties"
import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { fakeHost } from "../testing/fake-host.ts"
import { accountEntry, keyEntry, parseHostRecord, publishToHost, unresolvedKeyEntry } from "./host-record.ts"

const ENTRY = { type: "oauth", access: "access-1", refresh: "refresh-1", expires: 1_800_000_000_000 }

describe("OpenCode's record of a sign-in", () => {
  it.each([credential(), credential({ resourceUrl: undefined })])("parses to the stored credential: %j", (stored) => {
    expect(parseHostRecord({ type: "oauth", ...accountEntry(stored) })).toEqual({ kind: "account", credential: stored })
  })

  it("has only fields that OpenCode keeps", () => {
    expect(Object.keys(accountEntry(credential())).sort()).toEqual(["access", "enterpriseUrl", "expires", "refresh"])
    expect(Object.keys(accountEntry(credential({ resourceUrl: undefined }))).sort()).toEqual([
      "access",
      "expires",
      "refresh",
    ])
  })

  it("has an expiry that OpenCode accepts: a non-negative integer", () => {
    expect(Number.isInteger(accountEntry(credential()).expires)).toBe(true)
  })

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["an API key", { type: "api", key: "sk-1" }],
    ["a text", "oauth"],
    ["no access token", { ...ENTRY, access: "" }],
    ["no refresh token", { ...ENTRY, refresh: undefined }],
    ["a negative time", { ...ENTRY, expires: -1 }],
    ["a fractional time", { ...ENTRY, expires: 1.5 }],
    ["a time that is too large", { ...ENTRY, expires: 1e300 }],
    ["a time as a text", { ...ENTRY, expires: "1800000000000" }],
    ["a token that cannot go into a header", { ...ENTRY, access: "a\r\nx-evil: 1" }],
    ["a refresh token with a space", { ...ENTRY, refresh: "a b" }],
  ])("with %s is not a sign-in", (_, entry) => {
    expect(parseHostRecord(entry).kind).not.toBe("account")
  })

  it("with an empty address is a sign-in without one", () => {
    expect(parseHostRecord({ ...ENTRY, enterpriseUrl: "" })).toMatchObject({ credential: { resourceUrl: undefined } })
  })

  it("that is a sign-in can be stored in the plugin's file and read again", () => {
    const record = parseHostRecord({ ...ENTRY, enterpriseUrl: "portal.qwen.ai" })
    if (record.kind !== "account") throw new Error("expected an account")
    expect(parseStoredCredential(formatStoredCredential(record.credential))).toEqual(record.credential)
  })
})

describe("OpenCode's record of an API key", () => {
  const endpoint = {
    plan: "coding-plan",
    region: "china",
    baseUrl: "https://coding.dashscope.aliyuncs.com/v1",
  } as const

  it("parses to the key with its endpoint", () => {
    const record = { type: "api", ...keyEntry({ apiKey: "sk-sp-12345678", ...endpoint }) }
    expect(parseHostRecord(record)).toEqual({ kind: "key", key: { apiKey: "sk-sp-12345678", endpoint } })
  })

  it.each([
    "ws-1.ap-northeast-1.maas.aliyuncs.com",
    "ws-1.eu-central-1.maas.aliyuncs.com",
    "trial.cn-beijing.maas.aliyuncs.com",
    "maas.qwencloudapi.com",
    "token-plan.maas.qwencloudapi.com",
    "maas.qianwenaiapi.com",
    "token-plan.maas.qianwenaiapi.com",
  ])("parses to the key with the host that the user entered: %s", (host) => {
    const endpoint = parseApiEndpoint(host)
    const record = { type: "api", ...keyEntry({ apiKey: "sk-sp-12345678", ...endpoint }) }
    expect(parseHostRecord(record)).toEqual({ kind: "key", key: { apiKey: "sk-sp-12345678", endpoint } })
  })

  it.each([{}, { plan: "token-plan" as const }, { plan: "coding-plan" as const, region: "china" as const }])(
    "parses to the key with the hint: %j",
    (hint) => {
      const record = { type: "api", ...unresolvedKeyEntry("sk-sp-12345678", hint) }
      expect(parseHostRecord(record)).toEqual({ kind: "key", key: { apiKey: "sk-sp-12345678", hint } })
    },
  )

  it.each([
    ["has no metadata", undefined],
    ["has other metadata", { plan: "coding-plan" }],
    ["names an unknown plan", { qwenAuth: "resolved", ...endpoint, plan: "gold" }],
    ["names no address", { qwenAuth: "resolved", plan: endpoint.plan, region: endpoint.region }],
    ["has an address that cannot go into a header", { qwenAuth: "resolved", ...endpoint, baseUrl: "https://a b" }],
  ])("is OpenCode's own when it %s", (_, metadata) => {
    expect(parseHostRecord({ type: "api", key: "sk-12345678", metadata })).toEqual({ kind: "other" })
  })

  it.each(["sk-abc!defgh123", "sk-1234567", "sk-sp-", "key-of-the-test", "sk-12345678\n", 12345678])(
    "is OpenCode's own when the key is not Model Studio's: %j",
    (key) => {
      expect(parseHostRecord({ type: "api", key, metadata: { qwenAuth: "resolved", ...endpoint } })).toEqual({
        kind: "other",
      })
      expect(parseHostRecord({ type: "api", key, metadata: { qwenAuth: "unresolved" } })).toEqual({ kind: "other" })
    },
  )

  it.each([undefined, null])("is none when OpenCode returns %s", (entry) => {
    expect(parseHostRecord(entry)).toEqual({ kind: "none" })
  })
})

it("OpenCode's record is one of four kinds, whatever it contains", () => {
  const type = fc.constantFrom("oauth", "api", "wellknown", 7)
  const fields = fc.record({ type, key: fc.anything(), metadata: fc.anything(), access: fc.anything() })
  always(
    fc.property(fc.oneof(fc.anything(), fields), (entry) => {
      expect(["none", "account", "key", "other"]).toContain(parseHostRecord(entry).kind)
    }),
    200,
  )
})

describe("publishToHost", () => {
  const replaced = credential({ accessToken: ENTRY.access, expiresAt: ENTRY.expires })

  it("writes the record with a timeout, and a failure throws", async () => {
    const { client, calls } = fakeHost()
    await publishToHost(client, parseHostRecord(ENTRY), credential(), replaced)
    expect(calls).toEqual([
      {
        name: "auth.set",
        options: {
          path: { id: "alibaba" },
          body: { type: "oauth", ...accountEntry(credential()) },
          signal: expect.any(AbortSignal),
          throwOnError: true,
        },
      },
    ])
  })

  it.each([
    ["nothing, because the user signed out", undefined],
    ["a key", { type: "api", key: "sk-1" }],
    [
      "a sign-in that expires later than the replaced one",
      { ...ENTRY, access: "access-new", expires: ENTRY.expires + 1 },
    ],
    ["another sign-in with the same expiry", { ...ENTRY, access: "access-new" }],
  ])("does not change OpenCode's record when it contains %s", async (_, present) => {
    const { client, calls } = fakeHost()
    await publishToHost(client, parseHostRecord(present), credential(), replaced)
    expect(calls).toEqual([])
  })

  it("replaces a record that is older than the refreshed credential", async () => {
    const { client, calls } = fakeHost()
    const present = parseHostRecord({ ...ENTRY, access: "access-0", expires: ENTRY.expires - 1 })
    await publishToHost(client, present, credential(), replaced)
    expect(calls).toMatchObject([{ name: "auth.set", options: { body: accountEntry(credential()) } }])
  })

  it("throws when OpenCode refuses the record", async () => {
    const { client } = fakeHost(() => Promise.reject(new Error("the host is shutting down")))
    await expect(publishToHost(client, parseHostRecord(ENTRY), credential(), replaced)).rejects.toThrow(
      "the host is shutting down",
    )
  })
})
