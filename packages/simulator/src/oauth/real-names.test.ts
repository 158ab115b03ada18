import { expect, test } from "vitest"
import { type ProxiedSimulator, proxiedSimulator } from "../test-support/proxied-simulator.ts"
import {
  CLIENT_ID,
  DEVICE_CODE_REQUEST,
  objectIn,
  POLL,
  simulatorUnderTest,
} from "../test-support/simulator-under-test.ts"

const TOKEN = "https://chat.qwen.ai/api/v1/oauth2/token"
const EXPIRED = "Your session has expired, or the token is no longer valid. Please sign in again to proceed."

async function form({ through }: ProxiedSimulator, url: string, fields: Record<string, string>) {
  const headers = { "content-type": "application/x-www-form-urlencoded" }
  const response = await through(url, { method: "POST", headers, body: `${new URLSearchParams(fields)}` })
  return objectIn(await response.json())
}

/** Runs the device flow under the real host name. */
async function signIn(simulator: ProxiedSimulator) {
  await simulator.scenario({ deviceCode: { autoApprove: true } })
  const started = await form(simulator, "https://chat.qwen.ai/api/v1/oauth2/device/code", DEVICE_CODE_REQUEST)
  const tokens = await form(simulator, TOKEN, { ...POLL, device_code: String(started["device_code"]) })
  return { started, tokens }
}

async function refresh(simulator: ProxiedSimulator, refreshToken: unknown) {
  const fields = { grant_type: "refresh_token", client_id: CLIENT_ID, refresh_token: String(refreshToken) }
  return form(simulator, TOKEN, fields)
}

async function models(simulator: ProxiedSimulator, base: string, token: unknown) {
  const response = await simulator.through(`${base}/models`, { headers: { authorization: `Bearer ${token}` } })
  const { error } = objectIn(await response.json())
  return error === undefined ? response.status : [response.status, objectIn(error)["message"]]
}

test("under its real name the sign-in returns real URLs, and its page works there", async () => {
  const simulator = await proxiedSimulator()
  const { started, tokens } = await signIn(simulator)
  expect(started["verification_uri_complete"]).toBe(
    `https://chat.qwen.ai/authorize?user_code=${started["user_code"]}&client=qwen-code`,
  )
  expect(tokens["resource_url"]).toBe("portal.qwen.ai")
  const page = await simulator.through(String(started["verification_uri_complete"]))
  expect(page.status).toBe(200)
  expect(await models(simulator, "https://portal.qwen.ai/v1", tokens["access_token"])).toBe(200)
})

test("a token is refused at a qwen.ai host that is not its resource_url's", async () => {
  const simulator = await proxiedSimulator()
  const { access_token } = (await signIn(simulator)).tokens
  expect(await models(simulator, "https://chat.qwen.ai/v1", access_token)).toEqual([401, EXPIRED])
  expect(
    (await fetch(`${simulator.origin}/v1/models`, { headers: { authorization: `Bearer ${access_token}` } })).status,
  ).toBe(200)
})

test("a refresh may change the host, and one without resource_url keeps it", async () => {
  const simulator = await proxiedSimulator()
  const first = (await signIn(simulator)).tokens
  await simulator.scenario({ token: { resourceUrlOnRefresh: "https://intl.qwen.ai/v1/" } })
  const moved = await refresh(simulator, first["refresh_token"])
  await simulator.scenario({ token: { resourceUrlOnRefresh: "omit" } })
  const stayed = await refresh(simulator, moved["refresh_token"])
  for (const { access_token } of [moved, stayed]) {
    expect(await models(simulator, "https://portal.qwen.ai/v1", access_token)).toEqual([401, EXPIRED])
    expect(await models(simulator, "https://intl.qwen.ai/v1", access_token)).toBe(200)
  }
})

test("a token without any resource_url is valid at portal.qwen.ai", async () => {
  const simulator = await proxiedSimulator()
  await simulator.scenario({ token: { resourceUrl: null } })
  const { access_token } = (await signIn(simulator)).tokens
  expect(await models(simulator, "https://portal.qwen.ai/v1", access_token)).toBe(200)
  expect(await models(simulator, "https://chat.qwen.ai/v1", access_token)).toEqual([401, EXPIRED])
})

test("a dashscope host accepts a token only when resource_url named it", async () => {
  const simulator = await proxiedSimulator()
  const base = "https://dashscope.aliyuncs.com/compatible-mode/v1"
  const { access_token } = (await signIn(simulator)).tokens
  expect(await models(simulator, base, access_token)).toEqual([401, "Incorrect API key provided."])
  await simulator.scenario({ token: { resourceUrl: "dashscope.aliyuncs.com/compatible-mode" } })
  const bound = (await signIn(simulator)).tokens["access_token"]
  expect(await models(simulator, base, bound)).toBe(200)
  const body = JSON.stringify({ model: "coder-model", messages: [] })
  const headers = { authorization: `Bearer ${bound}` }
  const chat = await simulator.through(`${base}/chat/completions`, { method: "POST", headers, body })
  expect(await chat.json()).toMatchObject({ error: { message: "[] is too short - 'messages'" } })
})

test("a client without a proxy gets URLs that it can reach", async () => {
  const { origin, control } = await simulatorUnderTest()
  const host = `${origin}/_hosts/chat.qwen.ai`
  const post = async (path: string, fields: Record<string, string>) =>
    objectIn(await (await fetch(host + path, { method: "POST", body: new URLSearchParams(fields) })).json())
  const started = await post("/api/v1/oauth2/device/code", DEVICE_CODE_REQUEST)
  expect(started["verification_uri"]).toBe(`${host}/authorize`)
  await control("approve", { user_code: started["user_code"] })
  const { resource_url, access_token } = await post("/api/v1/oauth2/token", {
    ...POLL,
    device_code: String(started["device_code"]),
  })
  expect(resource_url).toBe(`${origin}/_hosts/portal.qwen.ai/v1`)
  const headers = { authorization: `Bearer ${access_token}` }
  expect((await fetch(`${resource_url}/models`, { headers })).status).toBe(200)
  expect((await fetch(`${host}/v1/models`, { headers })).status).toBe(401)
})
