import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { keyHeaders, oauthHeaders } from "./request-headers.ts"

const AGENT = "qwen-auth/0.1.0 (linux; x64)"

function headers(incoming?: RequestInit["headers"]) {
  return Object.fromEntries(oauthHeaders(incoming, credential(), AGENT))
}

describe("the headers of the OAuth route", () => {
  it("are the token, our own name and Qwen's three", () => {
    expect(headers()).toEqual({
      authorization: "Bearer access-1",
      "user-agent": AGENT,
      "x-dashscope-authtype": "qwen-oauth",
      "x-dashscope-cachecontrol": "enable",
      "x-dashscope-useragent": AGENT,
    })
  })

  it.each([
    ["an object", { Authorization: "Bearer other", "X-Api-Key": "sk-1", "User-Agent": "opencode/1", Accept: "x/y" }],
    [
      "a list",
      [
        ["authorization", "Bearer other"],
        ["x-api-key", "sk-1"],
        ["user-agent", "o/1"],
        ["accept", "x/y"],
      ],
    ],
    ["Headers", new Headers({ authorization: "Bearer other", "x-api-key": "sk-1", "user-agent": "o", accept: "x/y" })],
  ] satisfies [string, RequestInit["headers"]][])(
    "replace the caller's credential and name given as %s, and keep the rest",
    (_, incoming) => {
      const sent = headers(incoming)
      expect(sent["authorization"]).toBe("Bearer access-1")
      expect(sent["user-agent"]).toBe(AGENT)
      expect(sent["accept"]).toBe("x/y")
      expect(sent).not.toHaveProperty("x-api-key")
    },
  )

  it("have no length, because the body may have changed its own", () => {
    expect(headers({ "content-length": "12", "content-type": "application/json" })).not.toHaveProperty("content-length")
  })

  it("leave the caller's headers alone", () => {
    const incoming = new Headers({ authorization: "Bearer other" })
    oauthHeaders(incoming, credential(), AGENT)
    expect(Object.fromEntries(incoming)).toEqual({ authorization: "Bearer other" })
  })
})

describe("the headers of a request with an API key", () => {
  it("are the key alone when the caller has none", () => {
    expect(Object.fromEntries(keyHeaders(undefined, "sk-1", false))).toEqual({ authorization: "Bearer sk-1" })
  })

  it("are the caller's, its own name included, with the key for its credentials and without a length", () => {
    const incoming = {
      Authorization: "Bearer x",
      "X-Api-Key": "y",
      "User-Agent": AGENT,
      Accept: "x/y",
      "Content-Length": "1",
    }
    expect(Object.fromEntries(keyHeaders(incoming, "sk-1", false))).toEqual({
      authorization: "Bearer sk-1",
      "user-agent": AGENT,
      accept: "x/y",
    })
  })

  it("leave the caller's headers alone", () => {
    const incoming = new Headers({ authorization: "Bearer other" })
    keyHeaders(incoming, "sk-1", true)
    expect(Object.fromEntries(incoming)).toEqual({ authorization: "Bearer other" })
  })
})
