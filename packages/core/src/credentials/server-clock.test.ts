import { fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { credential, HOUR, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
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
    ["of unknown life, with five minutes left", true, left(5 * MINUTE)],
    ["of unknown life, with less", false, left(5 * MINUTE - 1)],
    ["of six hours, with five minutes left", true, left(5 * MINUTE, 21_600)],
    ["of six hours, with less", false, left(5 * MINUTE - 1, 21_600)],
    ["of ten minutes, with half of them left", true, left(5 * MINUTE, 600)],
    ["of four minutes, with half of them left", true, left(2 * MINUTE, 240)],
    ["of four minutes, with less", false, left(2 * MINUTE - 1, 240)],
  ])("%s is fresh: %s", (_, fresh, token) => {
    expect(new ServerClock(fakePlatform()).isFresh(token)).toBe(fresh)
  })

  it("that does not say how long it lives is taken for one like the last that did", () => {
    const clock = new ServerClock(fakePlatform())
    clock.observeLifetime(left(0, 240))
    clock.observeLifetime(left(0))
    clock.observeLifetime(undefined)
    expect([clock.isFresh(left(2 * MINUTE)), clock.isFresh(left(2 * MINUTE - 1))]).toEqual([true, false])
  })

  it("ends earlier when an answer said that the server is ahead of us, and an answer without a date changes nothing", () => {
    const clock = new ServerClock(fakePlatform())
    clock.observe(dated(START + HOUR))
    clock.observe(new Headers())
    expect([clock.isValid(left(HOUR)), clock.isValid(left(HOUR + 1))]).toEqual([false, true])
  })
})

describe("a renewal by the server's clock", () => {
  it("is dated by its own answer, which sets the clock", () => {
    const clock = new ServerClock(fakePlatform())
    const token = left(HOUR + 1)
    expect(clock.correctExpiry({ kind: "refreshed", credential: token, clockSkewMs: HOUR })).toEqual(token)
    expect(clock.isValid(left(HOUR))).toBe(false)
  })

  it("without a date is dated by what other answers said", () => {
    const clock = new ServerClock(fakePlatform())
    clock.observe(dated(START + HOUR))
    const outcome = { kind: "refreshed" as const, credential: left(MINUTE), clockSkewMs: undefined }
    expect(clock.correctExpiry(outcome)).toEqual(left(HOUR + MINUTE))
  })
})
