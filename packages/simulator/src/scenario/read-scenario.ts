import { FREE_TIERS } from "../chat/free-tier.ts"
import {
  anything,
  boolean,
  DocumentError,
  eachOnce,
  type Fields,
  fieldsOf,
  listOf,
  nullable,
  numberFrom,
  objectOf,
  oneOf,
  type Reader,
  recordOf,
  text,
  wholeNumber,
} from "../fields.ts"
import { ANSWER_NAMES } from "./named-answers.ts"
import {
  type ChatScenario,
  CODING_CHECKS,
  CODING_LISTS,
  type DeviceCodeScenario,
  EXPIRED_ANSWERS,
  type PlansScenario,
  type ProxyScenario,
  type Scenario,
  type ScriptedAnswer,
  type ScriptedAnswers,
  type ScriptedToolCall,
  SHOWN_CERTIFICATES,
  SLOW_DOWNS,
  type TokenScenario,
} from "./scenario.ts"

/** Timers are limited to 32-bit milliseconds. Longer ones would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1
const delay = wholeNumber(0, LONGEST_DELAY_MS)

/**
 * Merges a scenario document into the current scenario. Objects merge key by key; lists, `fields` and a whole answer replace.
 *
 * @throws DocumentError that names the first unknown key or invalid value. The current scenario is then unchanged.
 */
export function mergeScenario(document: unknown, present: Scenario): Scenario {
  const fields = fieldsOf(document, "", present)
  return {
    deviceCode: fields.read("deviceCode", (value) => readDeviceCode(value, present.deviceCode)),
    token: fields.read("token", (value) => readToken(value, present.token)),
    freeTier: fields.read("freeTier", oneOf(FREE_TIERS)),
    bodyRules: fields.read("bodyRules", boolean),
    firewall: fields.read("firewall", boolean),
    chat: fields.read("chat", (value) => readChat(value, present.chat)),
    plans: fields.read("plans", (value) => readPlans(value, present.plans)),
    proxy: fields.read("proxy", (value) => readProxy(value, present.proxy)),
    answers: fields.read("answers", (value) => readAnswers(value, present.answers)),
  }
}

function readDeviceCode(document: unknown, present: DeviceCodeScenario): DeviceCodeScenario {
  const fields = fieldsOf(document, "deviceCode", present)
  return {
    expiresInS: fields.read("expiresInS", numberFrom(0)),
    intervalS: fields.read("intervalS", nullable(numberFrom(0))),
    slowDown: fields.read("slowDown", oneOf(SLOW_DOWNS)),
    expiredAs: fields.read("expiredAs", oneOf(EXPIRED_ANSWERS)),
    autoApprove: fields.read("autoApprove", boolean),
    ...readAnswerFields(fields),
  }
}

function readToken(document: unknown, present: TokenScenario): TokenScenario {
  const fields = fieldsOf(document, "token", present)
  return {
    lifetimeS: fields.read("lifetimeS", numberFrom(0)),
    rotation: fields.read("rotation", boolean),
    reuseRevokesFamily: fields.read("reuseRevokesFamily", boolean),
    resourceUrl: fields.read("resourceUrl", nullable(text)),
    resourceUrlOnRefresh: fields.read("resourceUrlOnRefresh", nullable(text)),
    ...readAnswerFields(fields),
  }
}

type AnswerFields = Pick<TokenScenario, "fields" | "omitFields">

function readAnswerFields(fields: Fields<AnswerFields>): AnswerFields {
  return { fields: fields.read("fields", objectOf), omitFields: fields.read("omitFields", listOf(text)) }
}

function readChat(document: unknown, present: ChatScenario): ChatScenario {
  const fields = fieldsOf(document, "chat", present)
  return {
    reasoning: fields.read("reasoning", boolean),
    chunkDelayMs: fields.read("chunkDelayMs", delay),
    reply: fields.read("reply", nullable(text)),
    toolCalls: fields.read("toolCalls", nullable(listOf(readToolCall))),
    chunks: fields.read("chunks", nullable(wholeNumber(1))),
    chunkBytes: fields.read("chunkBytes", wholeNumber(1, 1024 * 1024)),
    omitFinish: fields.read("omitFinish", boolean),
  }
}

const readToolCall: Reader<ScriptedToolCall> = (document, where) => {
  const fields = fieldsOf(document, where, { name: "", arguments: {} })
  const name = fields.read("name", text)
  if (name === "") throw new DocumentError(`${where}.name is missing`)
  return { name, arguments: fields.read("arguments", objectOf) }
}

function readPlans(document: unknown, present: PlansScenario): PlansScenario {
  const fields = fieldsOf(document, "plans", present)
  return {
    agents: fields.read("agents", nullable(listOf(text))),
    codingList: fields.read("codingList", oneOf(CODING_LISTS)),
    codingChecks: fields.read("codingChecks", eachOnce(CODING_CHECKS)),
    strictModels: fields.read("strictModels", boolean),
    inputLimit: fields.read("inputLimit", nullable(wholeNumber(1))),
  }
}

function readProxy(document: unknown, present: ProxyScenario): ProxyScenario {
  const fields = fieldsOf(document, "proxy", present)
  return {
    credentials: fields.read("credentials", nullable(text)),
    down: fields.read("down", boolean),
    certificate: fields.read("certificate", oneOf(SHOWN_CERTIFICATES)),
  }
}

function readAnswers(document: unknown, present: Scenario["answers"]): Scenario["answers"] {
  const fields = fieldsOf(document, "answers", present)
  const read = (name: keyof Scenario["answers"]) =>
    fields.read(name, (value, where) => readEndpointAnswers(value, where, present[name]))
  return {
    deviceCode: read("deviceCode"),
    token: read("token"),
    refresh: read("refresh"),
    chat: read("chat"),
    models: read("models"),
    planChat: read("planChat"),
    planModels: read("planModels"),
    planMessages: read("planMessages"),
    planResponses: read("planResponses"),
  }
}

function readEndpointAnswers(document: unknown, where: string, present: ScriptedAnswers): ScriptedAnswers {
  const fields = fieldsOf(document, where, present)
  return {
    queue: fields.read("queue", listOf(readAnswer)),
    standing: fields.read("standing", nullable(readAnswer)),
  }
}

const plainAnswer: ScriptedAnswer = {
  pass: false,
  named: null,
  status: 200,
  headers: {},
  body: "",
  delayMs: 0,
  cutAfterBytes: null,
  reset: false,
}

const readAnswer: Reader<ScriptedAnswer> = (document, where) => {
  const fields = fieldsOf(document, where, plainAnswer)
  const answer = {
    pass: fields.read("pass", boolean),
    named: fields.read("named", nullable(oneOf(ANSWER_NAMES))),
    status: fields.read("status", wholeNumber(200, 599)),
    headers: fields.read("headers", recordOf(text)),
    body: fields.read("body", anything),
    delayMs: fields.read("delayMs", delay),
    cutAfterBytes: fields.read("cutAfterBytes", nullable(wholeNumber(0))),
    reset: fields.read("reset", boolean),
  }
  const given = (keys: string[]) => keys.find((key) => Object.hasOwn(objectOf(document, where), key))
  const besidePass = answer.pass ? given(["named", "status", "headers", "body"]) : undefined
  if (besidePass !== undefined) {
    throw new DocumentError(`${where}.${besidePass} has no place beside "pass": the real answer is sent`)
  }
  const besideName = answer.named === null ? undefined : given(["status", "headers", "body"])
  if (besideName !== undefined) {
    throw new DocumentError(`${where}.${besideName} has no place beside "named": that answer is sent whole`)
  }
  return answer
}
