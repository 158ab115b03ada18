import { expect, test } from "vitest"
import { simulatorUnderTest } from "../test-support/simulator-under-test.ts"

test("returns a device code, a user code and the URL of the approval page", async () => {
  const { origin, requestDeviceCode } = await simulatorUnderTest()
  const { status, headers, body } = await requestDeviceCode()
  expect(status).toBe(200)
  expect(headers.get("content-type")).toBe("application/json")
  expect(headers.get("cache-control")).toBe("no-store")
  expect(body).toEqual({
    device_code: expect.stringMatching(/^[\w-]{43}$/),
    user_code: expect.stringMatching(/^[B-DF-HJ-NP-TV-Z2-9]{4}-[B-DF-HJ-NP-TV-Z2-9]{4}$/),
    verification_uri: `${origin}/authorize`,
    verification_uri_complete: `${origin}/authorize?user_code=${body["user_code"]}&client=qwen-code`,
    expires_in: 900,
    interval: 5,
  })
})

test("a wrong client id is 401 invalid_client, word for word", async () => {
  const { requestDeviceCode } = await simulatorUnderTest()
  const { status, body } = await requestDeviceCode({ client_id: "somebody" })
  expect(status).toBe(401)
  expect(body).toEqual({ error: "invalid_client", error_description: "Invalid client credentials" })
})

test.each([
  ["no scope", { scope: undefined }, "invalid_request"],
  ["an unknown scope", { scope: "openid everything" }, "invalid_scope"],
  ["no challenge", { code_challenge: undefined }, "invalid_request"],
  ["no challenge method", { code_challenge_method: undefined }, "invalid_request"],
  ["the plain challenge method", { code_challenge_method: "plain" }, "invalid_request"],
  ["a challenge that cannot be S256", { code_challenge: "short" }, "invalid_request"],
])("%s is refused", async (_case, change, error) => {
  const { requestDeviceCode } = await simulatorUnderTest()
  expect(await requestDeviceCode(change)).toMatchObject({ status: 400, body: { error } })
})

test("a JSON body and a parameter sent twice are refused", async () => {
  const { origin } = await simulatorUnderTest()
  const url = `${origin}/api/v1/oauth2/device/code`
  const json = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })
  const twice = await fetch(url, { method: "POST", body: new URLSearchParams("client_id=a&client_id=b") })
  for (const response of [json, twice]) {
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: "invalid_request" })
  }
})

test("the scenario sets lifetime and interval, and omits and replaces fields", async () => {
  const { scenario, requestDeviceCode } = await simulatorUnderTest()
  await scenario({
    deviceCode: { expiresInS: 60, intervalS: null, fields: { extra: null }, omitFields: ["verification_uri_complete"] },
  })
  const { body } = await requestDeviceCode()
  expect(body).toMatchObject({ expires_in: 60, extra: null })
  expect(body).not.toHaveProperty("interval")
  expect(body).not.toHaveProperty("verification_uri_complete")
})
