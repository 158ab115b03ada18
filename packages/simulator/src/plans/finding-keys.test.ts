import { expect, test } from "vitest"
import { listIn } from "../test-support/chat-answers.ts"
import { chat, made, models } from "../test-support/key-requests.ts"
import { objectIn, simulatorUnderTest } from "../test-support/simulator-under-test.ts"

const CODING = { plan: "coding" }
const CHINA_CODING = { plan: "coding", region: "china" }
const UNKNOWN = { model: "no-such-model" }

/** The status and the message of an error in either of its two forms. */
async function errorOf(response: Response): Promise<[number, unknown]> {
  const { error } = objectIn(await response.json())
  return [response.status, typeof error === "string" ? error : objectIn(error)["message"]]
}

async function idsIn(response: Response): Promise<unknown[]> {
  return listIn(objectIn(await response.json())["data"]).map((entry) => objectIn(entry)["id"])
}

test("the Coding Plan's public list checks no key: it is always 200, and always 404 in China", async () => {
  const simulator = await simulatorUnderTest()
  const international = await made(simulator, CODING)
  const china = await made(simulator, CHINA_CODING)
  for (const response of [
    await fetch(`${international.base}/models`),
    await models(international.base, "sk-sp-made-up"),
    await models(international.base, international.key),
  ]) {
    expect(response.status).toBe(200)
    expect(await idsIn(response)).toContain("qwen3-coder-plus")
  }
  const hidden = await models(china.base, china.key)
  expect([hidden.status, await hidden.text()]).toEqual([404, ""])
  expect((await chat(china.base, china.key)).status).toBe(200)
  expect((await chat(international.base, "sk-sp-made-up")).status).toBe(401)
})

test("the Token Plan's list checks keys, even when the Coding Plan's list is public", async () => {
  const simulator = await simulatorUnderTest()
  const { base, key } = await made(simulator, { plan: "token" })
  expect((await models(base, key)).status).toBe(200)
  const coding = await made(simulator, CODING)
  for (const wrong of ["sk-sp-made-up", coding.key]) expect((await models(base, wrong)).status).toBe(401)
})

test("a Personal key has its own list, can only use its models, and does not show its tier otherwise", async () => {
  const simulator = await simulatorUnderTest()
  const team = await made(simulator, { plan: "token" })
  const personal = await made(simulator, { plan: "token", tier: "personal" })
  expect(personal.base).toBe(team.base)
  const ids = await idsIn(await models(personal.base, personal.key))
  expect(ids).toEqual(expect.arrayContaining(["auto", "qwen3.8-max", "glm-5.3", "deepseek-v4-pro-0813"]))
  expect(ids).not.toContain("qwen3.6-plus")
  expect((await chat(personal.base, personal.key, { model: "qwen3.8-flash" })).status).toBe(200)
  const refused = await chat(personal.base, personal.key, { model: "qwen3.6-plus" })
  expect(refused.status).toBe(403)
  expect(await refused.json()).toMatchObject({
    error: { code: "AccessDenied.Unpurchased", message: expect.stringMatching(/^Access to model denied/) },
  })
  expect((await chat(team.base, team.key, { model: "qwen3.6-plus" })).status).toBe(200)
})

test("a lapsed Coding Plan key is refused, and a lapsed Token Plan key still lists models", async () => {
  const simulator = await simulatorUnderTest()
  await simulator.scenario({ plans: { codingList: "checked" } })
  const coding = await made(simulator, CODING)
  const token = await made(simulator, { plan: "token" })
  const payg = await made(simulator, { plan: "payg" })
  expect((await simulator.control("lapse-api-keys")).body).toEqual({ lapsed: 2 })
  expect(await errorOf(await chat(coding.base, coding.key))).toEqual([401, "invalid access token or token expired"])
  expect((await models(coding.base, coding.key)).status).toBe(401)
  expect(await errorOf(await chat(token.base, token.key, { model: "glm-5" }))).toEqual([
    401,
    "Invalid API-key provided.",
  ])
  expect((await models(token.base, token.key)).status).toBe(200)
  expect((await chat(payg.base, payg.key)).status).toBe(200)
  const next = await made(simulator, CODING)
  expect((await chat(next.base, next.key)).status).toBe(200)
})

test("only the named key lapses", async () => {
  const simulator = await simulatorUnderTest()
  const first = await made(simulator, CODING)
  const second = await made(simulator, CODING)
  expect((await simulator.control("lapse-api-keys", { key: first.key })).body).toEqual({ lapsed: 1 })
  expect((await chat(first.base, first.key)).status).toBe(401)
  expect((await chat(second.base, second.key)).status).toBe(200)
  expect(await simulator.control("lapse-api-keys", { key: 1 })).toMatchObject({ status: 400 })
})

test("refusals: the string 405, the unsupported model, the wrong site, the 404 without a body", async () => {
  const simulator = await simulatorUnderTest()
  const coding = await made(simulator, CODING)
  const token = await made(simulator, { plan: "token" })
  const abroad = await made(simulator, { plan: "token", region: "china" })
  const stranger = await chat(coding.base, coding.key, {}, { "user-agent": "curl/8" })
  expect(stranger.status).toBe(405)
  expect(await stranger.text()).toBe('{"error":"Coding Plan is currently only available for Coding Agents"}')
  expect(await errorOf(await chat(coding.base, coding.key, UNKNOWN))).toEqual([
    400,
    "model 'no-such-model' is not supported",
  ])
  expect((await chat(coding.base, coding.key, { model: "Qwen3-coder-plus" })).status).toBe(400)
  for (const response of [await chat(token.base, abroad.key), await models(token.base, abroad.key)]) {
    expect(await errorOf(response)).toEqual([401, "Invalid API-key provided."])
  }
  expect(await errorOf(await models(token.base, coding.key))).toEqual([401, "invalid access token or token expired"])
  const nowhere = await fetch(`${coding.base}/nowhere`)
  expect([nowhere.status, await nowhere.text()]).toEqual([404, ""])
})

test.each([
  [
    ["key", "agent", "model"],
    [401, 405, 400, 401],
  ],
  [
    ["model", "key", "agent"],
    [400, 400, 400, 401],
  ],
  [
    ["agent", "key", "model"],
    [405, 405, 400, 401],
  ],
])("the Coding Plan checks in the order %j", async (codingChecks, statuses) => {
  const simulator = await simulatorUnderTest()
  await simulator.scenario({ plans: { codingChecks } })
  const { base, key } = await made(simulator, CODING)
  const stranger = { "user-agent": "curl/8" }
  const answers = [
    await chat(base, "sk-sp-wrong", UNKNOWN, stranger),
    await chat(base, key, UNKNOWN, stranger),
    await chat(base, key, UNKNOWN),
    await chat(base, "sk-sp-wrong"),
  ]
  expect(answers.map(({ status }) => status)).toEqual(statuses)
})

test("a key that a console's page obfuscated is accepted nowhere", async () => {
  const simulator = await simulatorUnderTest()
  await simulator.scenario({ plans: { codingList: "checked" } })
  for (const document of [CODING, { plan: "token" }, { plan: "payg" }]) {
    const { body } = await simulator.control("api-key", document)
    expect(body["obfuscated"]).toMatch(/^o1_[\w-]+$/)
    expect(body["obfuscated"]).not.toContain(String(body["key"]).slice(-16))
    const base = String(body["base_url"]).replace("https://", `${simulator.origin}/_hosts/`)
    expect((await models(base, body["obfuscated"])).status).toBe(401)
    expect((await chat(base, body["obfuscated"])).status).toBe(401)
  }
})
