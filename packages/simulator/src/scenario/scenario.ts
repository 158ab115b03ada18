import type { FreeTier } from "../chat/free-tier.ts"
import type { JsonObject } from "../json.ts"
import type { NamedAnswer } from "./named-answers.ts"

/** All settings that a test or a demo can change. `POST /_sim/scenario` merges a part into the current scenario. */
export interface Scenario {
  deviceCode: DeviceCodeScenario
  token: TokenScenario
  /** `on`: chat works. Otherwise chat refuses every valid token as observed since 2026-04-15. */
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

export const SLOW_DOWNS = ["off", "429", "400"] as const
export const EXPIRED_ANSWERS = ["401", "expired_token"] as const

export interface DeviceCodeScenario {
  /** The lifetime of a device code, in seconds. */
  expiresInS: number
  /** The announced poll interval in seconds; `null`: the response has no `interval`. */
  intervalS: number | null
  /** Whether polls faster than the interval get slow_down, and with which status. */
  slowDown: (typeof SLOW_DOWNS)[number]
  /** The response to a poll with an expired device code: 401 as Qwen, or 400 expired_token as in RFC 8628 §3.5. */
  expiredAs: (typeof EXPIRED_ANSWERS)[number]
  /** New sign-ins are approved at once. */
  autoApprove: boolean
  /** Replaces fields of the response. */
  fields: JsonObject
  /** Fields that the response omits. */
  omitFields: readonly string[]
}

export interface TokenScenario {
  /** The lifetime of an access token and its `expires_in`, in seconds. */
  lifetimeS: number
  rotation: boolean
  reuseRevokesFamily: boolean
  /** `own`: this simulator's `/v1`; `omit`: no such field; any other value is sent unchanged. */
  resourceUrl: string | null
  /** As `resourceUrl`, for refreshes; `same`: the value of `resourceUrl`. */
  resourceUrlOnRefresh: string | null
  /** Replaces fields of token responses. */
  fields: JsonObject
  /** Fields that token responses omit. */
  omitFields: readonly string[]
}

export interface ChatScenario {
  /** Send `reasoning_content` even if the request does not enable it. */
  reasoning: boolean
  /** Milliseconds before each piece of a stream. */
  chunkDelayMs: number
  /** The text of the answer; `null`: an answer that fits the question. */
  reply: string | null
  /** The tool calls of the answer, unless the last message is a tool's result; `null`: those that fit the question. */
  toolCalls: readonly ScriptedToolCall[] | null
  /** Answer with exactly this many pieces of filler, for benchmarks; `null`: the normal answer. */
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
  /** The `User-Agent` prefixes that the Coding Plan admits; `null`: the known agents. */
  agents: readonly string[] | null
  /** `public`: the Coding Plan's list is 200 for everybody internationally and 404 in China; `checked`: it requires a key. */
  codingList: (typeof CODING_LISTS)[number]
  /** The order in which the Coding Plan's chat checks a request. */
  codingChecks: readonly CodingCheck[]
  /** Each model has its own rules for thinking and refuses unsupported parameters. */
  strictModels: boolean
  /** The maximum number of input tokens; `null`: the model's limit. */
  inputLimit: number | null
}

export const SHOWN_CERTIFICATES = ["good", "expired", "not-yet-valid", "other-host"] as const
export type ShownCertificate = (typeof SHOWN_CERTIFICATES)[number]
export const CODING_LISTS = ["public", "checked"] as const
export const CODING_CHECKS = ["key", "agent", "model"] as const
export type CodingCheck = (typeof CODING_CHECKS)[number]

export interface ProxyScenario {
  /** The `user:password` that every CONNECT must have; `null`: none. */
  credentials: string | null
  /** Every CONNECT gets 502. Open tunnels stay open. */
  down: boolean
  /** The certificate of new tunnels. The certificate file contains all of them. */
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
  /** Used when the queue is empty; `null`: the real behaviour. */
  standing: ScriptedAnswer | null
}

/** An answer instead of the real one or, with `pass`, faults in the transmission of the real one. */
export interface ScriptedAnswer {
  /** The request is processed and its real answer is sent. */
  pass: boolean
  /** The name of a known refusal; `null`: the status, headers and body below. */
  named: NamedAnswer | null
  status: number
  headers: Record<string, string>
  /** A string is sent unchanged, any other value as JSON. */
  body: unknown
  /** Milliseconds between processing and answering. */
  delayMs: number
  /** Destroy the connection after this many bytes of the body; `null`: send all of it. */
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
    codingList: "public",
    codingChecks: ["key", "agent", "model"],
    strictModels: true,
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
