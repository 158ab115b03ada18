import { expect, test } from "vitest"
import { mergeScenario } from "./read-scenario.ts"
import { initialScenario } from "./scenario.ts"

test("an empty document and the complete current one change nothing", () => {
  expect(mergeScenario({}, initialScenario)).toEqual(initialScenario)
  expect(mergeScenario(JSON.parse(JSON.stringify(initialScenario)), initialScenario)).toEqual(initialScenario)
})

test("objects merge key by key, one document after the other", () => {
  const first = mergeScenario({ deviceCode: { expiresInS: 3 }, token: { rotation: false } }, initialScenario)
  const second = mergeScenario({ deviceCode: { intervalS: null } }, first)
  expect(second.deviceCode).toEqual({ ...initialScenario.deviceCode, expiresInS: 3, intervalS: null })
  expect(second.token.rotation).toBe(false)
  expect(second.chat).toEqual(initialScenario.chat)
})

test("an incomplete answer gets the defaults", () => {
  const { answers } = mergeScenario({ answers: { chat: { queue: [{ status: 503 }] } } }, initialScenario)
  expect(answers.chat.queue).toEqual([
    { pass: false, named: null, status: 503, headers: {}, body: "", delayMs: 0, cutAfterBytes: null, reset: false },
  ])
})

test.each([
  [[], "The document must be an object"],
  [
    { tokens: {} },
    "Unknown key tokens. Known are: deviceCode, token, freeTier, bodyRules, firewall, chat, plans, proxy, answers",
  ],
  [{ token: { lifetime: 1 } }, "Unknown key token.lifetime."],
  [{ token: null }, "token must be an object"],
  [{ token: { lifetimeS: "1" } }, "token.lifetimeS must be a number from 0"],
  [{ token: { rotation: 1 } }, "token.rotation must be true or false"],
  [{ token: { resourceUrl: 1 } }, "token.resourceUrl must be a string"],
  [{ token: { omitFields: "expires_in" } }, "token.omitFields must be an array"],
  [{ deviceCode: { slowDown: "on" } }, "deviceCode.slowDown must be one of: off, 429, 400"],
  [{ freeTier: false }, "freeTier must be one of: on, ended-401, ended-429, ended-403"],
  [{ chat: { chunks: 0 } }, "chat.chunks must be a whole number from 1"],
  [{ chat: { toolCalls: [{}] } }, "chat.toolCalls[0].name is missing"],
  [{ plans: { agents: "opencode/" } }, "plans.agents must be an array"],
  [{ plans: { codingList: "long" } }, "plans.codingList must be one of: public, checked"],
  [{ plans: { codingChecks: ["key", "agent"] } }, "plans.codingChecks must have each of these once: key, agent, model"],
  [{ plans: { codingChecks: ["key", "key", "model"] } }, "plans.codingChecks must have each of these once"],
  [{ plans: { inputLimit: 0 } }, "plans.inputLimit must be a whole number from 1"],
  [{ proxy: { credentials: 1 } }, "proxy.credentials must be a string"],
  [{ proxy: { up: true } }, "Unknown key proxy.up. Known are: credentials, down, certificate"],
  [{ answers: { page: {} } }, "Unknown key answers.page."],
  [{ answers: { chat: { queue: [{ status: 99 }] } } }, "answers.chat.queue[0].status must be a whole number"],
  [{ answers: { chat: { queue: [{ delay: 1 }] } } }, "Unknown key answers.chat.queue[0].delay."],
  [{ answers: { chat: { standing: { headers: { a: 1 } } } } }, "answers.chat.standing.headers.a must be a string"],
  [
    { answers: { chat: { standing: { pass: true, status: 200 } } } },
    'answers.chat.standing.status has no place beside "pass"',
  ],
])("%j is refused with its path", (document, message) => {
  expect(() => mergeScenario(document, initialScenario)).toThrow(message)
})
