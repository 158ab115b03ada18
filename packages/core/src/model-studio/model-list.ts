import { parseJsonText } from "../files/json-text.ts"
import { type Answer, describeAnswer } from "../http/answer.ts"
import { fieldsOf } from "../http/json-object.ts"
import type { Platform } from "../platform.ts"
import { type CheckedKey, checkKey, type KeyCheck, noConclusion } from "./check-key.ts"
import { CALLER_UNKNOWN, refusesCaller } from "./coding-plan-check.ts"

/** Returns whether a value is the id of a model. An id contains no control characters. */
export function isModelId(value: unknown): value is string {
  return typeof value === "string" && /^[\w.:/-]{1,100}$/.test(value)
}

/** The statuses of an answer in JSON with which an endpoint rejects a key that is not its own. */
const REFUSALS: readonly number[] = [400, 401, 403, 404, 405]
const WRONG_KEY = /incorrect api|invalid[ _-]?(?:api|access)/i
/** The key is valid, but the plan or the account does not allow this call. */
const KNOWN_KEY = /arrear|good standing|overdue|quota/i

/**
 * Checks a key with `GET {baseUrl}/models`, the read-only request that the official Model Studio tool uses for this.
 * Takes at most 10 s. The Coding Plan's list may be public (reported in September 2026), so it proves nothing about a
 * key.
 * @throws QwenAuthError `aborted`
 */
export function requestModelList(platform: Platform, key: CheckedKey, signal?: AbortSignal): Promise<KeyCheck> {
  return checkKey(platform, key, { path: "/models", classify }, signal)
}

function classify(answer: Answer): KeyCheck {
  const { status, json, text } = answer
  if (refusesCaller(answer)) return noConclusion(CALLER_UNKNOWN)
  if (json !== undefined && REFUSALS.includes(status)) {
    return KNOWN_KEY.test(text) && !WRONG_KEY.test(text) ? { kind: "accepted", ids: [] } : { kind: "refused" }
  }
  if (status === 200 && isOtherText(answer)) return { kind: "refused" }
  const models = status < 300 ? json?.["data"] : undefined
  if (!Array.isArray(models)) return noConclusion(describeAnswer(answer))
  return { kind: "accepted", ids: models.map((model) => fieldsOf(model)?.["id"]).filter(isModelId) }
}

/** Returns true if a body is neither JSON, even truncated, nor a web page, which a captive portal would send. */
function isOtherText({ html, json, text }: Answer): boolean {
  return !html && json === undefined && parseJsonText(text) === undefined && !/^\s*[[{]/.test(text)
}
