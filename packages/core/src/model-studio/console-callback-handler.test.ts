import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { expect, it } from "vitest"
import { consoleCallbackHandler } from "./console-callback-handler.ts"

const CONSOLE = "https://bailian.console.aliyun.com"
const STATE = "0123456789abcdef0123456789abcdef"

function setUp() {
  const platform = fakePlatform()
  const { answer, ...rest } = consoleCallbackHandler(platform, { state: STATE, site: "china" })
  /** Sends the call of the console's page with these fields. */
  const callWith = (fields: Record<string, unknown>) =>
    answer({
      port: 4711,
      method: "POST",
      target: `/?state=${STATE}`,
      headers: { host: "127.0.0.1:4711", origin: CONSOLE },
      body: JSON.stringify(fields),
    })
  return { platform, callWith, ...rest }
}

it("accepts only the first key, after the response to its page was sent", async () => {
  const { callWith, key } = setUp()
  let resolved = false
  void key.then(() => {
    resolved = true
  })
  const first = callWith({ api_key: "sk-the-first" })
  const second = callWith({ api_key: "sk-the-second" })
  expect([first.status, second.status]).toEqual([200, 409])
  expect(second).toEqual({
    status: 409,
    headers: { "Access-Control-Allow-Origin": CONSOLE, Vary: "Origin" },
    text: "This sign-in has ended.",
  })
  await settle()
  expect(resolved).toBe(false)
  first.delivered?.()
  expect((await key).apiKey).toBe("sk-the-first")
})

it("counts the reasons for refusals and logs each reason once", () => {
  const { callWith, refusals, platform } = setUp()
  for (const api_key of [undefined, undefined, "k", undefined]) callWith({ api_key })
  expect([...refusals]).toEqual([
    ["without a key", 3],
    ["with an unusable key", 1],
  ])
  expect(platform.logged.map(({ level, fields }) => [level, fields])).toEqual([
    ["debug", { why: "without a key" }],
    ["debug", { why: "with an unusable key" }],
  ])
})

it("warns of an API address that must not receive a key", () => {
  const { callWith, platform } = setUp()
  callWith({ api_key: "sk-12345678", base_url: "https://evil.test/v1" })
  expect(platform.logged.map(({ level }) => level)).toEqual(["warn"])
  expect(JSON.stringify(platform.logged)).not.toMatch(/sk-|evil/)
})
