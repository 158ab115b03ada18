import { expect, test } from "vitest"
import { objectIn, simulatorUnderTest } from "../test-support/simulator-under-test.ts"

test("approve, deny and expire act on the sign-in of a user code", async () => {
  const { requestDeviceCode, control, poll } = await simulatorUnderTest()
  const after = async (action: string) => {
    const { body } = await requestDeviceCode()
    const done = await control(action, { user_code: body["user_code"] })
    return [done.body["state"], (await poll(body["device_code"])).status]
  }
  expect(await after("approve")).toEqual(["approved", 200])
  expect(await after("deny")).toEqual(["denied", 400])
  expect(await after("expire")).toEqual(["expired", 401])
})

test("an unknown code is 404, a missing code 400, a decided sign-in 409, each with a message", async () => {
  const { requestDeviceCode, control } = await simulatorUnderTest()
  const { body } = await requestDeviceCode()
  await control("approve", { user_code: body["user_code"] })
  expect(await control("deny", { user_code: "AAAA-AAAA" })).toMatchObject({
    status: 404,
    body: { error: "No sign-in has the user code AAAA-AAAA" },
  })
  expect((await control("deny", {})).status).toBe(400)
  expect(await control("deny", { user_code: body["user_code"] })).toMatchObject({
    status: 409,
    body: { error: "The sign-in is already approved" },
  })
})

test("the scenario can be changed and read; an invalid document changes nothing", async () => {
  const { origin, control } = await simulatorUnderTest()
  const changed = await control("scenario", {
    token: { lifetimeS: 1 },
    answers: { chat: { queue: [{ status: 503 }] } },
  })
  expect(changed).toMatchObject({ status: 200, body: { token: { lifetimeS: 1, rotation: true } } })
  const refused = await control("scenario", { token: { lifetimeS: 2 }, nonsense: 1 })
  expect(refused).toMatchObject({ status: 400, body: { error: expect.stringContaining("Unknown key nonsense") } })
  expect(await (await fetch(`${origin}/_sim/scenario`)).json()).toEqual(changed.body)
  const noJson = await fetch(`${origin}/_sim/scenario`, { method: "POST", body: "{" })
  expect(noJson.status).toBe(400)
})

test("reset forgets the scenario, the sign-ins, the tokens and the log", async () => {
  const { scenario, control, signIn, requestDeviceCode, poll, refresh, chat, log } = await simulatorUnderTest()
  await scenario({ firewall: false, deviceCode: { expiresInS: 1 } })
  const { access_token, refresh_token } = await signIn()
  const { body } = await requestDeviceCode()
  expect((await control("reset")).body).toEqual({ reset: true })
  expect(await log()).toEqual([])
  expect((await poll(body["device_code"])).status).toBe(401)
  expect((await chat(access_token)).status).toBe(401)
  expect((await refresh(refresh_token)).status).toBe(400)
  expect((await requestDeviceCode()).body["expires_in"]).toBe(900)
})

test("control requests are never logged and accept only their method", async () => {
  const { origin, control, log } = await simulatorUnderTest()
  await control("expire-tokens")
  expect((await fetch(`${origin}/_sim/reset`)).status).toBe(405)
  expect(await log()).toEqual([])
  expect(objectIn(await (await fetch(`${origin}/_sim/scenario`)).json())["firewall"]).toBe(false)
})
