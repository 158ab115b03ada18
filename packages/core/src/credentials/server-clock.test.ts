import { fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { credential, HOUR, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { parseTokenResponse, type TokenResponse } from "../oauth/token-response.ts"
import { ServerClock } from "./server-clock.ts"

const left = (ms: number, expiresInS?: number) => credential({ expiresAt: START + ms, expiresInS })
const dated = (at: number) => new Headers({ date: new Date(at).toUTCString() })

describe("a token by the server's clock", () => {
  it.each([
    [1, true],
    [0, false],
  ])("with %i ms left is valid: %s", (ms, valid) => {
    expect(new ServerClock(fakePlatform()).isValid(left(ms))).toBe(valid)
  })

  it.each([
    ["of unknown lifetime, with five minutes left", true, left(5 * MINUTE)],
    ["of unknown lifetime, with less", false, left(5 * MINUTE - 1)],
    ["of six hours, with five minutes left", true, left(5 * MINUTE, 21_600)],
    ["of six hours, with less", false, left(5 * MINUTE - 1, 21_600)],
    ["of ten minutes, with half of them left", true, left(5 * MINUTE, 600)],
    ["of four minutes, with half of them left", true, left(2 * MINUTE, 240)],
    ["of four minutes, with less", false, left(2 * MINUTE - 1, 240)],
  ])("%s is fresh: %s", (_, fresh, token) => {
    expect(new ServerClock(fakePlatform()).isFresh(token)).toBe(fresh)
  })

  it("of unknown lifetime is treated like the last one whose lifetime was known", () => {
    const clock = new ServerClock(fakePlatform())
    clock.observeLifetime(left(0, 240))
    clock.observeLifetime(left(0))
    expect([clock.isFresh(left(2 * MINUTE)), clock.isFresh(left(2 * MINUTE - 1))]).toEqual([true, false])
  })

  it("expires earlier if a response showed that the server is ahead, and a response without a date changes nothing", () => {
    const clock = new ServerClock(fakePlatform())
    clock.observe(dated(START + HOUR))
    clock.observe(new Headers())
    expect([clock.isValid(left(HOUR)), clock.isValid(left(HOUR + 1))]).toEqual([false, true])
  })
})

describe("the credential of refreshed tokens", () => {
  const replaced = credential({ refreshToken: "refresh-1" })
  const refreshed = (headers: Headers): TokenResponse => {
    const json = { access_token: "access-2", refresh_token: null, expires_in: 21_600 }
    const tokens = parseTokenResponse({ json, headers }, START)
    if (tokens === undefined) throw new Error("the tokens cannot be used")
    return tokens
  }

  it("expires by the date of its own response, which sets the clock", () => {
    const clock = new ServerClock(fakePlatform())
    expect(clock.refreshedCredential(refreshed(dated(START + HOUR)), replaced)).toEqual(
      credential({ accessToken: "access-2", expiresAt: START + 7 * HOUR, expiresInS: 21_600 }),
    )
    expect([clock.isValid(left(HOUR)), clock.isValid(left(HOUR + 1))]).toEqual([false, true])
  })

  it("expires by the date of earlier responses if its own has none", () => {
    const clock = new ServerClock(fakePlatform())
    clock.observe(dated(START + HOUR))
    const { expiresAt } = clock.refreshedCredential(refreshed(new Headers()), replaced)
    expect(expiresAt).toBe(START + 7 * HOUR)
    expect([clock.isValid(left(HOUR)), clock.isValid(left(HOUR + 1))]).toEqual([false, true])
  })
})
