import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { keyHeaders, oauthHeaders } from "./request-headers.ts"

const AGENT = "qwen-auth/0.1.0 (linux; x64)"

function headers(incoming?: RequestInit["headers"]) {
  return Object.fromEntries(oauthHeaders(new Headers(incoming), credential(), AGENT))
}

describe("the headers of the OAuth route", () => {
  it("are the token, our User-Agent and three headers of Qwen Code", () => {
    expect(headers()).toEqual({
      authorization: "Bearer access-1",
      "user-agent": AGENT,
      "x-dashscope-authtype": "qwen-oauth",
      "x-dashscope-cachecontrol": "enable",
      "x-dashscope-useragent": AGENT,
    })
  })

  it("replace the caller's credentials and User-Agent, and keep the rest", () => {
    const caller = { Authorization: "Bearer other", "X-Api-Key": "sk-1", "User-Agent": "opencode/1", Accept: "x/y" }
    const sent = headers(caller)
    expect(sent).toMatchObject({ authorization: "Bearer access-1", "user-agent": AGENT, accept: "x/y" })
    expect(sent).not.toHaveProperty("x-api-key")
  })

  it("have no Content-Length, because the length of the body may have changed", () => {
    expect(headers({ "content-length": "12", "content-type": "application/json" })).not.toHaveProperty("content-length")
  })

  it("do not change the caller's headers", () => {
    const incoming = new Headers({ authorization: "Bearer other" })
    oauthHeaders(incoming, credential(), AGENT)
    expect(Object.fromEntries(incoming)).toEqual({ authorization: "Bearer other" })
  })
})

describe("the headers of a request with an API key", () => {
  it("are only the key when the caller has none", () => {
    expect(Object.fromEntries(keyHeaders(new Headers(), "sk-1", false))).toEqual({ authorization: "Bearer sk-1" })
  })

  it("are the caller's with its User-Agent, the key instead of its credentials, and no Content-Length", () => {
    const incoming = new Headers({
      Authorization: "Bearer x",
      "X-Api-Key": "y",
      "User-Agent": AGENT,
      Accept: "x/y",
      "Content-Length": "1",
    })
    expect(Object.fromEntries(keyHeaders(incoming, "sk-1", false))).toEqual({
      authorization: "Bearer sk-1",
      "user-agent": AGENT,
      accept: "x/y",
    })
  })

  it("do not change the caller's headers", () => {
    const incoming = new Headers({ authorization: "Bearer other" })
    keyHeaders(incoming, "sk-1", true)
    expect(Object.fromEntries(incoming)).toEqual({ authorization: "Bearer other" })
  })
})
