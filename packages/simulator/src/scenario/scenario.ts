import type { JsonObject } from "../json.ts"
import type { NamedAnswer } from "./named-answers.ts"

/** Everything a test or a demo can switch. `POST /_sim/scenario` merges a part of it over the present one. */
export interface Scenario {
  deviceCode: DeviceCodeScenario
  token: TokenScenario
  /** `on`: chat works. Otherwise chat refuses every accepted token in the way seen since 2026-04-15. */
  freeTier: FreeTier
  /** Whether chat refuses the bodies that the OAuth route refuses. */
  bodyRules: boolean
  /** Every public endpoint answers 200 with Alibaba's firewall page. */
  firewall: boolean
  chat: ChatScenario
  plans: PlansScenario
  proxy: ProxyScenario
  answers: Record<EndpointName, ScriptedAnswers>
}

export const FREE_TIERS = ["on", "ended-401", "ended-429", "ended-403"] as const
export type FreeTier = (typeof FREE_TIERS)[number]

export const SLOW_DOWNS = ["off", "429", "400"] as const
export const EXPIRED_ANSWERS = ["401", "expired_token"] as const

export interface DeviceCodeScenario {
  /** Seconds a device code lives. */
  expiresInS: number
  /** Seconds between polls as announced; null: the answer has no `interval`. */
  intervalS: number | null
  /** Whether polling faster than the interval is answered slow_down, and with which status. */
  slowDown: (typeof SLOW_DOWNS)[number]
  /** How a poll with an expired device code is answered: 401 as Qwen, or 400 expired_token as RFC 8628 §3.5. */
  expiredAs: (typeof EXPIRED_ANSWERS)[number]
  /** New sign-ins are approved at once, as by a very quick person. */
  autoApprove: boolean
  /** Put over the fields of the answer. */
  fields: JsonObject
  /** Fields left out of the answer. */
  omitFields: readonly string[]
}

export interface TokenScenario {
  /** Seconds an access token lives, also its `expires_in`. */
  lifetimeS: number
  rotation: boolean
  reuseRevokesFamily: boolean
  /** `own`: this simulator's `/v1`; `omit`: no such field; otherwise sent as it is. */
  resourceUrl: string | null
  /** As `resourceUrl`, for renewals; `same`: what `resourceUrl` says. */
  resourceUrlOnRefresh: string | null
  /** Put over the fields of token answers. */
  fields: JsonObject
  /** Fields left out of token answers. */
  omitFields: readonly string[]
}

export interface ChatScenario {
  /** Think aloud in `reasoning_content` although the request did not ask for it. */
  reasoning: boolean
  /** Milliseconds before each piece of a stream. */
  chunkDelayMs: number
  /** The text to answer; null: an answer that fits the question. */
  reply: string | null
  /** Tool calls to answer, unless the last message is already a tool's result; null: as fits the question. */
  toolCalls: readonly ScriptedToolCall[] | null
  /** Answer exactly this many pieces of filler, for benches; null: the ordinary answer. */
  chunks: number | null
  /** Characters in each of those pieces. */
  chunkBytes: number
  /** End a stream without `finish_reason`, usage and `[DONE]`. */
  omitFinish: boolean
}

export interface ScriptedToolCall {
  name: string
  arguments: JsonObject
}

export interface PlansScenario {
  /** How the `User-Agent` of who may use the Coding Plan begins; null: the agents known. */
  agents: readonly string[] | null
  /** `live`: the lists, and so the models, that the plans have today; `brief`: shortened ones. */
  lists: ModelLists
  /** `public`: the Coding Plan's list is 200 for everybody internationally and 404 in China; `checked`: it wants a key. */
  codingList: (typeof CODING_LISTS)[number]
  /** The order in which the Coding Plan's chat checks a request. */
  codingChecks: readonly CodingCheck[]
  /** `current`: refusals as they were seen last; `earlier`: as they were before. */
  refusals: (typeof REFUSALS)[number]
  /** Each model thinks by its own rules, and refuses what it does not have. */
  strictModels: boolean
  /** The most tokens of input; null: what the model takes. */
  inputLimit: number | null
}

export const SHOWN_CERTIFICATES = ["good", "expired", "not-yet-valid", "other-host"] as const
export type ShownCertificate = (typeof SHOWN_CERTIFICATES)[number]
export const MODEL_LISTS = ["brief", "live"] as const
export type ModelLists = (typeof MODEL_LISTS)[number]
export const CODING_LISTS = ["checked", "public"] as const
export const CODING_CHECKS = ["key", "agent", "model"] as const
export type CodingCheck = (typeof CODING_CHECKS)[number]
export const REFUSALS = ["earlier", "current"] as const

export interface ProxyScenario {
  /** `user:password` that every CONNECT must bring; null: none. */
  credentials: string | null
  /** Every CONNECT is answered 502; tunnels that are open stay. */
  down: boolean
  /** Which certificate new tunnels show. The file to trust holds all of them. */
  certificate: ShownCertificate
}

/** The endpoints whose answers can be scripted; `token` and `refresh` share a path and differ by grant. */
export type EndpointName =
  | "deviceCode"
  | "token"
  | "refresh"
  | "chat"
  | "models"
  | "planChat"
  | "planModels"
  | "planMessages"
  | "planResponses"

export interface ScriptedAnswers {
  /** Each used once, in order. */
  queue: readonly ScriptedAnswer[]
  /** Used whenever the queue is empty; null: the real behaviour. */
  standing: ScriptedAnswer | null
}

/** An answer in place of the real one or, with `pass`, what happens to the real one on its way. */
export interface ScriptedAnswer {
  /** The request is really processed and its answer really sent. */
  pass: boolean
  /** One of the refusals that the service is known for, whole; null: the status, headers and body below. */
  named: NamedAnswer | null
  status: number
  headers: Record<string, string>
  /** Text as it is, any other value as JSON. */
  body: unknown
  /** Milliseconds between processing and answering. */
  delayMs: number
  /** Destroy the connection after this many bytes of the body; null: send it whole. */
  cutAfterBytes: number | null
  /** Reset the connection instead of answering. */
  reset: boolean
}

/** The scenario at the start and after a reset. */
export const initialScenario: Scenario = {
  deviceCode: {
    expiresInS: 900,
    intervalS: 5,
    slowDown: "off",
    expiredAs: "401",
    autoApprove: false,
    fields: {},
    omitFields: [],
  },
  token: {
    lifetimeS: 21_600,
    rotation: true,
    reuseRevokesFamily: false,
    resourceUrl: "own",
    resourceUrlOnRefresh: "same",
    fields: {},
    omitFields: [],
  },
  freeTier: "on",
  bodyRules: true,
  firewall: false,
  chat: {
    reasoning: false,
    chunkDelayMs: 0,
    reply: null,
    toolCalls: null,
    chunks: null,
    chunkBytes: 16,
    omitFinish: false,
  },
  plans: {
    agents: null,
    lists: "brief",
    codingList: "checked",
    codingChecks: ["key", "agent", "model"],
    refusals: "earlier",
    strictModels: false,
    inputLimit: null,
  },
  proxy: { credentials: null, down: false, certificate: "good" },
  answers: {
    deviceCode: { queue: [], standing: null },
    token: { queue: [], standing: null },
    refresh: { queue: [], standing: null },
    chat: { queue: [], standing: null },
    models: { queue: [], standing: null },
    planChat: { queue: [], standing: null },
    planModels: { queue: [], standing: null },
    planMessages: { queue: [], standing: null },
    planResponses: { queue: [], standing: null },
  },
}
