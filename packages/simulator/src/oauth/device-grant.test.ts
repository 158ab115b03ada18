import { expect, test } from "vitest"
import { CLIENT_ID, simulatorUnderTest, VERIFIER } from "../test-support/simulator-under-test.ts"

test("pending until approved, then tokens, once", async () => {
  const { origin, requestDeviceCode, poll, control } = await simulatorUnderTest()
  const { body: started } = await requestDeviceCode()
  expect(await poll(started["device_code"])).toMatchObject({ status: 400, body: { error: "authorization_pending" } })

  await control("approve", { user_code: started["user_code"] })
  const tokens = await poll(started["device_code"])
  expect(tokens.status).toBe(200)
  expect(tokens.headers.get("cache-control")).toBe("no-store")
  expect(tokens.body).toEqual({
    access_token: expect.any(String),
    refresh_token: expect.any(String),
    token_type: "Bearer",
    expires_in: 21_600,
    resource_url: `${origin}/v1`,
  })
  expect(await poll(started["device_code"])).toMatchObject({
    status: 401,
    body: { error_description: "Device code expired or invalid" },
  })
})

test("polling at once and every 2 s, as the official client does, is never slowed down by default", async () => {
  const { clock, requestDeviceCode, poll } = await simulatorUnderTest()
  const { body } = await requestDeviceCode()
  for (let polls = 0; polls < 4; polls += 1) {
    expect((await poll(body["device_code"])).body["error"]).toBe("authorization_pending")
    clock.advance(2)
  }
})

test.each([
  ["429", 429],
  ["400", 400],
])(
  "slowDown %s answers faster polls with slow_down and makes the interval 5 s longer each time",
  async (slowDown, status) => {
    const { clock, scenario, requestDeviceCode, poll } = await simulatorUnderTest()
    await scenario({ deviceCode: { slowDown } })
    const { body } = await requestDeviceCode()
    const errorAfter = async (seconds: number) => {
      clock.advance(seconds)
      const answer = await poll(body["device_code"])
      return answer.status === 400 || answer.status === status ? answer.body["error"] : answer.status
    }
    expect(await errorAfter(0)).toBe("authorization_pending")
    expect(await errorAfter(4)).toBe("slow_down")
    expect(await errorAfter(9)).toBe("slow_down")
    expect(await errorAfter(15)).toBe("authorization_pending")
  },
)

test("without an announced interval the minimum is RFC 8628's 5 s", async () => {
  const { clock, scenario, requestDeviceCode, poll } = await simulatorUnderTest()
  await scenario({ deviceCode: { slowDown: "429", intervalS: null } })
  const { body } = await requestDeviceCode()
  await poll(body["device_code"])
  clock.advance(5)
  expect((await poll(body["device_code"])).status).toBe(400)
  clock.advance(1)
  expect((await poll(body["device_code"])).status).toBe(429)
})

test("denied is 400 access_denied", async () => {
  const { requestDeviceCode, poll, control } = await simulatorUnderTest()
  const { body } = await requestDeviceCode()
  await control("deny", { user_code: body["user_code"] })
  expect(await poll(body["device_code"])).toMatchObject({ status: 400, body: { error: "access_denied" } })
})

test("expired is 401 as at Qwen, or 400 expired_token as in RFC 8628", async () => {
  const { clock, scenario, requestDeviceCode, poll } = await simulatorUnderTest()
  const { body } = await requestDeviceCode()
  clock.advance(900)
  expect(await poll(body["device_code"])).toMatchObject({ status: 401 })
  await scenario({ deviceCode: { expiredAs: "expired_token" } })
  expect(await poll(body["device_code"])).toMatchObject({ status: 400, body: { error: "expired_token" } })
})

test("an approval expires when its tokens are not fetched in time", async () => {
  const { clock, requestDeviceCode, poll, control } = await simulatorUnderTest()
  const { body } = await requestDeviceCode()
  await control("approve", { user_code: body["user_code"] })
  clock.advance(900)
  expect((await poll(body["device_code"])).status).toBe(401)
})

test("autoApprove approves each new sign-in", async () => {
  const { scenario, requestDeviceCode, poll } = await simulatorUnderTest()
  await scenario({ deviceCode: { autoApprove: true } })
  const { body } = await requestDeviceCode()
  expect((await poll(body["device_code"])).status).toBe(200)
})

test.each([
  ["another verifier", `${VERIFIER.slice(0, -1)}l`],
  ["a verifier that is too short", "short"],
])("PKCE: %s is invalid_grant, and the right verifier still works afterwards", async (_case, code_verifier) => {
  const { requestDeviceCode, poll, control } = await simulatorUnderTest()
  const { body } = await requestDeviceCode()
  await control("approve", { user_code: body["user_code"] })
  expect(await poll(body["device_code"], { code_verifier })).toMatchObject({
    status: 400,
    body: { error: "invalid_grant" },
  })
  expect((await poll(body["device_code"])).status).toBe(200)
})

test.each([
  ["no verifier", { code_verifier: undefined }, 400, "invalid_request"],
  ["no device code", { device_code: undefined }, 400, "invalid_request"],
  ["an unknown device code", { device_code: "made-up" }, 401, "invalid_grant"],
  ["a wrong client id", { client_id: "somebody" }, 401, "invalid_client"],
  ["an unknown grant", { grant_type: "password" }, 400, "unsupported_grant_type"],
  ["no grant", { grant_type: undefined }, 400, "invalid_request"],
])("%s is refused", async (_case, change, status, error) => {
  const { requestDeviceCode, poll } = await simulatorUnderTest()
  const { body } = await requestDeviceCode()
  expect(await poll(body["device_code"], { client_id: CLIENT_ID, ...change })).toMatchObject({
    status,
    body: { error },
  })
})
