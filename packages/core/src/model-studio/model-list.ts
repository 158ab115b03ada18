import * as v from "valibot"
import { parseJsonText } from "../files/json-text.ts"
import type { Answer } from "../http/answer.ts"
import { describeAnswer } from "../http/answer.ts"
import type { Platform } from "../platform.ts"
import { requestWithKey } from "./request-with-key.ts"

/** The outcome of requesting an endpoint's model list with a key. */
export type ModelListOutcome =
  /** The endpoint accepts the key. `ids` may be empty if the list could not be parsed. */
  | { readonly kind: "accepted"; readonly ids: readonly string[] }
  /** The endpoint rejects the key. */
  | { readonly kind: "refused" }
  /** No conclusion, because of a network error, a web page or an error of the service. `why`: the reason in words. */
  | { readonly kind: "unknown"; readonly why: string }

const ModelList = v.object({ data: v.array(v.unknown()) })
/** The id of a model. Contains no control characters. */
export const ModelId = v.pipe(v.string(), v.regex(/^[\w.:/-]{1,100}$/))
const Listed = v.object({ id: ModelId })
/** The statuses of an answer in JSON with which an endpoint rejects a key that is not its own. */
const REFUSALS: readonly number[] = [400, 401, 403, 404, 405]
const WRONG_KEY = /incorrect api|invalid[ _-]?(?:api|access)/i
/** The key is valid, but the plan or the account does not allow this call. */
const KNOWN_KEY = /arrear|good standing|overdue|quota/i

/** Why the Coding Plan does not tell whether it knows a key. */
export const CALLER_UNKNOWN = "the Coding Plan does not recognise this program as a coding agent"

/** Returns true if the Coding Plan refuses the program that sent a request, whatever the key: a 405, earlier a 403. */
export function refusesCaller({ text }: Answer): boolean {
  return /only available for coding agents/i.test(text)
}

/**
 * Requests `GET {baseUrl}/models`, the read-only call with which the official Model Studio tool checks a key. Takes at
 * most 10 s. The Coding Plan's list may be public (reported in September 2026), so that it proves nothing about a key.
 * @throws QwenAuthError `aborted`
 */
export async function requestModelList(
  platform: Platform,
  credential: { readonly baseUrl: string; readonly apiKey: string },
  signal?: AbortSignal,
): Promise<ModelListOutcome> {
  const answer = await requestWithKey(platform, credential, { path: "/models" }, signal)
  return "why" in answer ? { kind: "unknown", why: answer.why } : classifyModelList(answer)
}

function classifyModelList(answer: Answer): ModelListOutcome {
  const { status, json, text } = answer
  if (refusesCaller(answer)) return { kind: "unknown", why: CALLER_UNKNOWN }
  if (json !== undefined && REFUSALS.includes(status)) {
    return KNOWN_KEY.test(text) && !WRONG_KEY.test(text) ? { kind: "accepted", ids: [] } : { kind: "refused" }
  }
  if (status === 200 && isOtherText(answer)) return { kind: "refused" }
  const parsed = status < 300 ? v.safeParse(ModelList, json) : undefined
  if (parsed?.success !== true) return { kind: "unknown", why: describeAnswer(answer) }
  return { kind: "accepted", ids: parsed.output.data.flatMap((model) => (v.is(Listed, model) ? [model.id] : [])) }
}

/** Neither JSON, not even a part of it, nor a web page, which a captive portal would send. */
function isOtherText({ html, json, text }: Answer): boolean {
  return !html && json === undefined && parseJsonText(text) === undefined && !/^\s*[[{]/.test(text)
}
