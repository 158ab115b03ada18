import { describe, expect, it } from "vitest"
import { formatCredentialJson, parseCredentialJson } from "../../core/src/credentials/credential-json.ts"
import { credential } from "../../core/src/testing/samples.ts"
import { hostEntry, publishToHost, readHostEntry } from "./host-entry.ts"
import { fakeHost } from "./testing/fake-host.ts"

const ENTRY = { type: "oauth", access: "access-1", refresh: "refresh-1", expires: 1_800_000_000_000 }

describe("OpenCode's record of a sign-in", () => {
  it.each([credential(), credential({ resourceUrl: undefined })])("gives back the credential: %j", (held) => {
    expect(readHostEntry({ type: "oauth", ...hostEntry(held) })).toEqual(held)
  })

  it("has only fields that OpenCode keeps", () => {
    expect(Object.keys(hostEntry(credential())).sort()).toEqual(["access", "enterpriseUrl", "expires", "refresh"])
    expect(Object.keys(hostEntry(credential({ resourceUrl: undefined }))).sort()).toEqual([
      "access",
      "expires",
      "refresh",
    ])
  })

  it("has a time that OpenCode does not hide: a whole number, not negative", () => {
    expect(Number.isInteger(hostEntry(credential()).expires)).toBe(true)
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
    ["a time beyond all bounds", { ...ENTRY, expires: 1e300 }],
    ["a time as text", { ...ENTRY, expires: "1800000000000" }],
    ["a token that cannot go into a header", { ...ENTRY, access: "a\r\nx-evil: 1" }],
    ["a refresh token with a space", { ...ENTRY, refresh: "a b" }],
  ])("with %s is no sign-in", (_, entry) => {
    expect(readHostEntry(entry)).toBeUndefined()
  })

  it("with an address that says nothing is a sign-in without one", () => {
    expect(readHostEntry({ ...ENTRY, enterpriseUrl: "" })?.resourceUrl).toBeUndefined()
  })

  it("that is a sign-in can be stored in our file and read again", () => {
    const held = readHostEntry({ ...ENTRY, enterpriseUrl: "portal.qwen.ai" })
    expect(held && parseCredentialJson(formatCredentialJson(held))).toEqual(held)
  })
})

describe("publishToHost", () => {
  it("puts the record to OpenCode, which must answer soon and may fail loudly", async () => {
    const { client, calls } = fakeHost()
    await publishToHost(client, ENTRY, credential())
    expect(calls).toEqual([
      {
        name: "auth.set",
        options: {
          path: { id: "alibaba" },
          body: { type: "oauth", ...hostEntry(credential()) },
          signal: expect.any(AbortSignal),
          throwOnError: true,
        },
      },
    ])
  })

  it.each([
    ["nothing: the person signed out", undefined],
    ["a key", { type: "api", key: "sk-1" }],
  ])("leaves OpenCode's record alone when it holds %s", async (_, present) => {
    const { client, calls } = fakeHost()
    await publishToHost(client, present, credential())
    expect(calls).toEqual([])
  })

  it("fails when OpenCode does not take it", async () => {
    const { client } = fakeHost(() => Promise.reject(new Error("the host is going down")))
    await expect(publishToHost(client, ENTRY, credential())).rejects.toThrow("the host is going down")
  })
})
