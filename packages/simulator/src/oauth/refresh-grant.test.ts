import { expect, test } from "vitest"
import { simulatorUnderTest } from "../test-support/simulator-under-test.ts"

const REFUSED = {
  status: 400,
  body: { error: "invalid_request", error_description: "Invalid refresh token or client_id" },
}

test("a refresh rotates the refresh token; the old one is refused, the new one works", async () => {
  const { signIn, refresh } = await simulatorUnderTest()
  const first = await signIn()
  const second = await refresh(first["refresh_token"])
  expect(second).toMatchObject({ status: 200, body: { token_type: "Bearer", expires_in: 21_600 } })
  expect(second.body["access_token"]).not.toBe(first["access_token"])
  expect(second.body["refresh_token"]).not.toBe(first["refresh_token"])
  expect(await refresh(first["refresh_token"])).toMatchObject(REFUSED)
  expect((await refresh(second.body["refresh_token"])).status).toBe(200)
})

test("reuse revokes the whole family when the scenario enables it", async () => {
  const { scenario, signIn, refresh, chat } = await simulatorUnderTest()
  await scenario({ token: { reuseRevokesFamily: true } })
  const first = await signIn()
  const second = (await refresh(first["refresh_token"])).body
  const stranger = await signIn()
  expect(await refresh(first["refresh_token"])).toMatchObject(REFUSED)
  expect(await refresh(second["refresh_token"])).toMatchObject(REFUSED)
  expect((await chat(second["access_token"])).status).toBe(401)
  expect((await chat(stranger["access_token"])).status).toBe(200)
})

test("without rotation the response has no refresh token and the old one stays valid", async () => {
  const { scenario, signIn, refresh } = await simulatorUnderTest()
  await scenario({ token: { rotation: false } })
  const { refresh_token } = await signIn()
  for (let times = 0; times < 2; times += 1) {
    const { status, body } = await refresh(refresh_token)
    expect(status).toBe(200)
    expect(body).not.toHaveProperty("refresh_token")
  }
})

test.each([
  ["a made-up token", "made-up", {}],
  ["a wrong client id", undefined, { client_id: "somebody" }],
  ["no token", undefined, { refresh_token: undefined }],
])("%s is refused with the observed response", async (_case, token, change) => {
  const { signIn, refresh } = await simulatorUnderTest()
  const { refresh_token } = await signIn()
  expect(await refresh(token ?? refresh_token, change)).toMatchObject(REFUSED)
})

test("revoked refresh tokens are refused while access tokens stay valid", async () => {
  const { control, signIn, refresh, chat } = await simulatorUnderTest()
  const { access_token, refresh_token } = await signIn()
  expect((await control("revoke-refresh-tokens")).body).toEqual({ revoked: 1 })
  expect(await refresh(refresh_token)).toMatchObject(REFUSED)
  expect((await chat(access_token)).status).toBe(200)
})

test("access tokens expire after their lifetime or on request, and can be refreshed", async () => {
  const { clock, scenario, control, signIn, refresh, chat } = await simulatorUnderTest()
  await scenario({ token: { lifetimeS: 60 } })
  const first = await signIn()
  expect(first["expires_in"]).toBe(60)
  expect((await chat(first["access_token"])).status).toBe(200)
  clock.advance(60)
  expect((await chat(first["access_token"])).status).toBe(401)

  const second = (await refresh(first["refresh_token"])).body
  expect((await chat(second["access_token"])).status).toBe(200)
  expect((await control("expire-tokens")).body).toEqual({ expired: 1 })
  expect((await chat(second["access_token"])).status).toBe(401)
  expect((await refresh(second["refresh_token"])).status).toBe(200)
})

test("resource_url is the simulator's, any text, null or absent, and may differ in refreshes", async () => {
  const { origin, scenario, signIn, refresh } = await simulatorUnderTest()
  const urls = async (token: object) => {
    await scenario({ token: { resourceUrlOnRefresh: "same", ...token } })
    const first = await signIn()
    const second = (await refresh(first["refresh_token"])).body
    return [first["resource_url"], second["resource_url"]]
  }
  expect(await urls({})).toEqual([`${origin}/v1`, `${origin}/v1`])
  expect(await urls({ resourceUrlOnRefresh: "omit" })).toEqual([`${origin}/v1`, undefined])
  expect(await urls({ resourceUrl: "portal.qwen.ai" })).toEqual(["portal.qwen.ai", "portal.qwen.ai"])
  expect(await urls({ resourceUrl: null })).toEqual([null, null])
  expect(await urls({ resourceUrl: "omit", resourceUrlOnRefresh: "own" })).toEqual([undefined, `${origin}/v1`])
})

test("token responses can have null, invalid or missing fields", async () => {
  const { scenario, signIn } = await simulatorUnderTest()
  await scenario({ token: { fields: { expires_in: -1, refresh_token: null }, omitFields: ["token_type"] } })
  const tokens = await signIn()
  expect(tokens).toMatchObject({ expires_in: -1, refresh_token: null })
  expect(tokens).not.toHaveProperty("token_type")
})
