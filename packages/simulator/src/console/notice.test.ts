import { expect, test } from "vitest"
import { readNotice } from "./notice.ts"

const STATE = "0123456789abcdef0123456789abcdef"

test("a port of this computer and a state", () => {
  expect(readNotice(`127.0.0.1:40123?state=${STATE}`)).toEqual({ port: 40_123, state: STATE })
})

test.each([
  "",
  "127.0.0.1:40123",
  `127.0.0.1?state=${STATE}`,
  `127.0.0.1:0?state=${STATE}`,
  `127.0.0.1:65536?state=${STATE}`,
  `127.0.0.1:40123?state=${STATE}0`,
  `127.0.0.1:40123?state=${STATE.slice(1)}`,
  `127.0.0.1:40123?state=${STATE.replace("0", "g")}`,
  `127.0.0.1:40123/?state=${STATE}`,
  `127.0.0.1:40123?state=${STATE}&more=1`,
  `127.0.0.1:40123?state=${STATE}\n`,
  `localhost:40123?state=${STATE}`,
  `127.0.0.10:40123?state=${STATE}`,
  `127.0.0.1.example.com:40123?state=${STATE}`,
  `example.com:443?state=${STATE}`,
  `user@127.0.0.1:40123?state=${STATE}`,
  `http://127.0.0.1:40123?state=${STATE}`,
])("%j is refused", (text) => {
  expect(readNotice(text)).toBeUndefined()
})
